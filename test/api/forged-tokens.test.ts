import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { HmacTokens } from "../../server/adapters/crypto/hmac-tokens.js";
import type { Session } from "../../server/auth/session.js";
import { forgedTokens, genuineToken } from "../support/forged-tokens.js";
import { multipart, MULTIPART_HEADERS } from "../support/multipart.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const SECRET = "another secret for tests only, of enough characters";
const UPLOAD = "mutation ($file: Upload!) { uploadFile(file: $file) { id } }";

let t: TestServer;
let owner: Person;
let fileId: string;
let forged: [fault: string, token: string][];
let genuine: string;
beforeAll(async () => {
  t = await startServer({ environment: { JWT_SECRET_KEY: SECRET } });
  owner = await t.user();
  fileId = (await owner.upload(Buffer.from("only mine"))).id;
  const client = await MongoClient.connect(t.world.mongo.uri);
  const found = await client
    .db("telestash")
    .collection<Omit<Session, "id"> & { _id: string }>("sessions")
    .findOne({ userId: owner.id });
  await client.close();
  if (found === null) throw new Error("The owner has no session.");
  const session: Session = { ...found, id: found._id };
  forged = forgedTokens(SECRET, new HmacTokens(SECRET), session, new Date());
  genuine = genuineToken(SECRET, session, new Date());
});
afterAll(() => t.close());

type Door = (token: string) => Promise<string>;

async function doorOf(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const text = await response.text();
  if (response.status === 401) return "shut";
  const isRefused = text.includes('"code":"UNAUTHENTICATED"') && !text.includes('"data":{');
  if (isRefused) return "shut";
  return response.ok && !text.includes('"errors"') ? "open" : `${response.status} ${text.slice(0, 200)}`;
}

const post = (token: string, headers: Record<string, string>, body: string | Buffer) =>
  doorOf(
    fetch(`${t.url}/graphql`, {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: typeof body === "string" ? body : new Uint8Array(body),
    }),
  );

function connect(token: string): Promise<string> {
  const socket = new WebSocket(`${t.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  return new Promise((resolve) => {
    socket.on("open", () => {
      const payload = { authorization: `Bearer ${token}` };
      socket.send(JSON.stringify({ type: "connection_init", payload }));
    });
    socket.on("message", (data: Buffer) => {
      const { type } = JSON.parse(data.toString()) as { type: string };
      if (type === "connection_ack") resolve("open");
      socket.close();
    });
    socket.on("close", (code) => resolve(code === 4403 ? "shut" : `closed with ${code}`));
    socket.on("error", (error) => resolve(error.message));
  });
}

const doors: [name: string, door: Door][] = [
  ["a query", (token) => post(token, { "content-type": "application/json" }, '{"query":"{ me { id } }"}')],
  [
    "a multipart upload",
    (token) => {
      const operations = { query: UPLOAD, variables: { file: null } };
      const files = [{ field: "0", filename: "x.bin", bytes: "x" }];
      return post(token, MULTIPART_HEADERS, multipart(operations, { 0: ["variables.file"] }, files));
    },
  ],
  [
    "PUT /files",
    (token) =>
      doorOf(
        fetch(`${t.url}/files?name=x.bin`, {
          method: "PUT",
          headers: { authorization: `Bearer ${token}` },
          body: "x",
        }),
      ),
  ],
  [
    "a download",
    (token) =>
      doorOf(fetch(`${t.url}/files/${fileId}/content`, { headers: { authorization: `Bearer ${token}` } })),
  ],
  ["a socket", connect],
];

describe.each(doors)("%s", (_name, door) => {
  it("is open for the genuine token, and shut for every forged one", async () => {
    const before = (await owner.files()).files.totalCount;

    const answers = await Promise.all(forged.map(async ([fault, token]) => [fault, await door(token)]));

    expect(answers.filter(([, answer]) => answer !== "shut")).toEqual([]);
    expect((await owner.files()).files.totalCount).toBe(before);
    expect(await door(genuine)).toBe("open");
  });
});

describe("a link", () => {
  it("takes none of them in its query, nor a genuine access token", async () => {
    const ask = (token: string) =>
      doorOf(fetch(`${t.url}/files/${fileId}/content?${new URLSearchParams({ token }).toString()}`));

    const answers = await Promise.all(
      [...forged, ["an access token", genuine] as const].map(async ([fault, token]) => [
        fault,
        await ask(token),
      ]),
    );

    expect(answers.filter(([, answer]) => answer !== "shut")).toEqual([]);
    const { downloadUrl } = (await owner.file({ id: fileId })).file;
    expect(await doorOf(fetch(downloadUrl))).toBe("open");
  });
});
