import { createHash } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { GraphQLUpload } from "graphql-upload-minimal";
import type { FileUpload } from "graphql-upload-minimal";
import { Arg, Directive, Mutation, Resolver } from "type-graphql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lingerAfterAnswer } from "../../server/http/incoming-body.js";
import { readMultipart } from "../../server/http/upload-guard.js";
import { AppError, badInput } from "../../server/kernel/errors.js";
import { bearer, codes, registered } from "../support/accounts.js";
import { eventually } from "../support/eventually.js";
import { startHttp } from "../support/http-harness.js";
import type { GraphqlReply, HttpHarness } from "../support/http-harness.js";
import { BOUNDARY, multipart, MULTIPART_HEADERS } from "../support/multipart.js";
import type { MultipartFile } from "../support/multipart.js";

const MAX = 100_000;
const MUTATIONS = 2_000;
const failures: unknown[] = [];

/** Takes files in as the product does: all of a request at once, each failing alone. */
@Resolver()
class IntakeResolver {
  @Directive("@auth(requires: FREE)")
  @Mutation(() => [String])
  async take(
    @Arg("files", () => [GraphQLUpload]) files: Promise<FileUpload>[],
    @Arg("refuse", () => String, { nullable: true }) refuse?: string,
  ): Promise<string[]> {
    const settled = await Promise.allSettled(files.map(async (file) => digest(await file, refuse)));
    return settled.map((one) => {
      if (one.status === "fulfilled") return one.value;
      failures.push(one.reason);
      return one.reason instanceof AppError ? one.reason.code : "OTHER";
    });
  }
}

async function digest(file: FileUpload, refuse: string | undefined): Promise<string> {
  const stream = file.createReadStream();
  if (file.filename === refuse) {
    stream.destroy();
    throw badInput("Not this one.");
  }
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return `${file.filename} ${hash.digest("hex")}`;
}

let t: HttpHarness;
let token: string;
beforeAll(async () => {
  t = await startHttp({
    config: { maxFileBytes: MAX },
    resolvers: [{ type: IntakeResolver, instance: new IntakeResolver() }],
  });
  token = (await registered(t)).accessToken;
});
afterAll(() => t.close());

const TAKE = "mutation ($files: [Upload!]!, $refuse: String) { take(files: $files, refuse: $refuse) }";

function body(files: readonly MultipartFile[], refuse?: string): Buffer {
  const variables = { files: files.map(() => null), refuse };
  const map = Object.fromEntries(files.map(({ field }, i) => [field, [`variables.files.${i}`]]));
  return multipart({ query: TAKE, variables }, map, files);
}

function file(filename: string, bytes: Buffer | string, field = filename): MultipartFile {
  return { field, filename, bytes };
}

function sha(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function post(bytes: Buffer, headers: Record<string, string> = bearer(token)): Promise<GraphqlReply> {
  const response = await fetch(`${t.url}/graphql`, {
    method: "POST",
    headers: { ...MULTIPART_HEADERS, ...headers },
    body: new Uint8Array(bytes),
    signal: AbortSignal.timeout(20_000),
  });
  const reply = (await response.json()) as Partial<GraphqlReply>;
  return { status: response.status, headers: response.headers, data: reply.data, errors: reply.errors ?? [] };
}

describe("files in a GraphQL request", () => {
  it("arrive whole, with the names they were given", async () => {
    const files = [
      file("a.txt", "hello"),
      file("日本 語.txt", Buffer.alloc(70_000, 7), "1"),
      file("empty", "", "2"),
    ];

    const reply = await post(body(files));

    expect(reply.errors).toEqual([]);
    expect(reply.data?.["take"]).toEqual(files.map(({ filename, bytes }) => `${filename} ${sha(bytes)}`));
  });

  it("may come in another order than they are listed", async () => {
    const files = [file("a", "1"), file("b", "2"), file("c", "3")];
    const map = { c: ["variables.files.2"], b: ["variables.files.1"], a: ["variables.files.0"] };
    const operations = { query: TAKE, variables: { files: [null, null, null] } };

    const reply = await post(multipart(operations, map, [...files].reverse()));

    expect(reply.data?.["take"]).toEqual(files.map(({ filename, bytes }) => `${filename} ${sha(bytes)}`));
  });

  it("may be as large as the limit, and not a byte larger", async () => {
    const files = [file("fits", Buffer.alloc(MAX)), file("large", Buffer.alloc(MAX + 1)), file("after", "x")];

    const reply = await post(body(files));

    expect(reply.data?.["take"]).toEqual([
      `fits ${sha(Buffer.alloc(MAX))}`,
      "FILE_TOO_LARGE",
      `after ${sha("x")}`,
    ]);
  });

  it("go on arriving when one of them is given up", async () => {
    const files = [file("a", Buffer.alloc(90_000)), file("b", Buffer.alloc(90_000)), file("c", "3")];

    const reply = await post(body(files, "a"));

    expect(reply.data?.["take"]).toEqual([
      "BAD_USER_INPUT",
      `b ${sha(Buffer.alloc(90_000))}`,
      `c ${sha("3")}`,
    ]);
  });

  it("that are announced and do not come are bad input", async () => {
    const operations = { query: TAKE, variables: { files: [null] } };

    const reply = await post(multipart(operations, { a: ["variables.files.0"] }, []));

    expect(reply.data?.["take"]).toEqual(["BAD_USER_INPUT"]);
  });

  it("fail when the client goes away in the middle of one", async () => {
    failures.length = 0;
    const bytes = body([file("a", Buffer.alloc(90_000))]);
    const request = httpRequest(`${t.url}/graphql`, {
      method: "POST",
      headers: { ...MULTIPART_HEADERS, ...bearer(token), "content-length": bytes.length },
    });
    request.on("error", () => undefined);

    request.write(bytes.subarray(0, 40_000), () => request.destroy());

    const [reason] = await eventually(
      () => failures,
      (seen) => seen.length > 0,
    );
    expect(reason).toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("of a stranger are refused before they are sent", async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(t.url);
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /graphql HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n` +
            `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\nApollo-Require-Preflight: 1\r\n\r\n`,
        );
      });
      socket.once("data", (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.once("error", reject);
    });

    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain("UNAUTHENTICATED");
  });
});

describe("a body that breaks the rules", () => {
  const good = { query: TAKE, variables: { files: [null] } };
  const map = { a: ["variables.files.0"] };
  const one = [file("a", "x")];

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["only the end", Buffer.from(`--${BOUNDARY}--\r\n`)],
    ["no operations", multipart(undefined, map, one)],
    ["no map", multipart(good, undefined, one)],
    ["operations that are no JSON", multipart("{", map, one)],
    ["operations that are a number", multipart("7", map, one)],
    ["a map that is no JSON", multipart(good, "{", one)],
    ["a map that is a list", multipart(good, [], one)],
    ["a path that leads nowhere", multipart(good, { a: ["variables.nothing.0"] }, one)],
    ["a path into the prototype", multipart(good, { a: ["__proto__.polluted"] }, one)],
    ["a path into the constructor", multipart(good, { a: ["variables.constructor.prototype.x"] }, one)],
    [
      "too many files",
      multipart(good, Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [i, ["x"]])), []),
    ],
    ["no closing boundary before the files", body(one).subarray(0, 100)],
    ["a list of operations", multipart([good], { a: ["0.variables.files.0"] }, one)],
    ["one file for two variables", multipart(good, { a: ["variables.files.0", "variables.files.1"] }, one)],
  ])("(%s) is bad input", async (_what, bytes) => {
    const reply = await post(bytes);

    expect(codes(reply)).toEqual(["BAD_USER_INPUT"]);
    expect(reply.errors[0]?.extensions["requestId"]).toBeTypeOf("string");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it.each(["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary"])(
    "(content type %s) is bad input",
    async (type) => {
      const reply = await post(body(one), { ...bearer(token), "content-type": type });

      expect([reply.status, codes(reply)]).toEqual([400, ["BAD_USER_INPUT"]]);
    },
  );

  it.each([
    ["by the guard alone", MUTATIONS, () => guardOnly()],
    ["by the whole server", 200, () => Promise.resolve({ url: t.url, close: () => Promise.resolve() })],
  ])("neither ends the process nor hangs when taken %s, %i mutated ones", async (_who, count, start) => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    const random = generator(seed);
    const sample = body([file("a.txt", "first file"), file("b.bin", Buffer.alloc(5_000, 1))]);
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("uncaughtException", note);
    process.on("unhandledRejection", note);
    const server = await start();

    try {
      let left = count;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await answered(server.url, mutated(sample, random), random() < 0.2);
        }
      };
      await Promise.all(Array.from({ length: 8 }, worker));
    } finally {
      await server.close();
      process.off("uncaughtException", note);
      process.off("unhandledRejection", note);
    }

    expect({ seed, unhandled }).toEqual({ seed, unhandled: [] });
    expect((await post(body(one))).data?.["take"]).toEqual([`a ${sha("x")}`]);
  });
});

/** The guard without accounts and GraphQL around it, so that many bodies take little time. */
async function guardOnly(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const intake = new IntakeResolver();
    readMultipart(request, response, MAX)
      .then((operation) => {
        const { variables } = operation as { variables?: { files?: { promise: Promise<FileUpload> }[] } };
        return intake.take((variables?.files ?? []).map((upload) => upload?.promise));
      })
      .then(
        (taken) => response.end(JSON.stringify(taken)),
        (error: unknown) => response.writeHead(error instanceof AppError ? 400 : 500).end(),
      )
      .finally(() => lingerAfterAnswer(request));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Any answer will do, and so will a closed connection when the client closed it first; waiting for ever will not. */
async function answered(url: string, bytes: Buffer, cutsOff: boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const length = bytes.length + (cutsOff ? 10 : 0);
    const request = httpRequest(`${url}/graphql`, {
      method: "POST",
      headers: { ...MULTIPART_HEADERS, ...bearer(token), "content-length": length },
      timeout: 10_000,
    });
    request.on("response", (response) => {
      if ((response.statusCode ?? 0) >= 500) reject(new Error(`answered ${response.statusCode}`));
      response
        .resume()
        .on("end", resolve)
        .on("error", () => resolve());
    });
    request.on("timeout", () => reject(new Error(`no answer to ${bytes.toString("base64")}`)));
    request.on("error", () => resolve());
    request.write(bytes, () => {
      if (cutsOff) request.destroy();
      else request.end();
    });
  });
}

/** Cuts, repeats, flips and inserts, in places that matter more often than in others. */
function mutated(sample: Buffer, random: () => number): Buffer {
  const at = (): number => Math.floor(random() * sample.length);
  const tokens = [
    "\r\n",
    `--${BOUNDARY}`,
    `--${BOUNDARY}--`,
    "\0",
    '"',
    ";",
    "Content-Disposition: ",
    "{",
    "null",
  ];
  let bytes: Buffer = Buffer.from(sample);
  for (let i = 1 + Math.floor(random() * 3); i > 0; i -= 1) {
    const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
    const token = Buffer.from(tokens[Math.floor(random() * tokens.length)] ?? "");
    const kinds: (() => Buffer)[] = [
      () => bytes.subarray(0, from),
      () => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]),
      () => Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]),
      () => Buffer.concat([bytes.subarray(0, from), token, bytes.subarray(from)]),
      () =>
        Buffer.from(
          bytes.map((byte, index) => (index === from ? byte ^ (1 << Math.floor(random() * 8)) : byte)),
        ),
    ];
    bytes = kinds[Math.floor(random() * kinds.length)]?.() ?? bytes;
  }
  return bytes;
}

/** mulberry32: a run can be repeated with its seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
