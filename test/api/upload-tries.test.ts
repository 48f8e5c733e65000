import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, openDatabase } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { multipart, MULTIPART_HEADERS } from "../support/multipart.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const BYTES = randomBytes(300_000);
const aKey = () => randomBytes(16).toString("hex");

let t: TestServer;
beforeAll(async () => {
  t = await startServer();
});
afterAll(() => t.close());

/** A try whose connection neither goes on nor ends, as when a network goes away. */
async function stuckTry(person: Person, uploadKey: string) {
  const query =
    "mutation ($file: Upload!, $key: String) { uploadFile(file: $file, uploadKey: $key) { id name } }";
  const operations = { query, variables: { file: null, key: uploadKey } };
  const files = [{ field: "0", filename: "film.bin", bytes: BYTES }];
  const body = multipart(operations, { 0: ["variables.file"] }, files);
  const sending = request(`${t.url}/graphql`, {
    method: "POST",
    headers: {
      ...MULTIPART_HEADERS,
      authorization: `Bearer ${person.accessToken}`,
      "content-length": body.length,
    },
  });
  sending.on("error", () => undefined);
  sending.write(body.subarray(0, body.length / 2));
  await eventually(async () => (await filesOf(person)).some(({ state }) => state === "RECEIVING"));
  return { sending, rest: body.subarray(body.length / 2) };
}

async function filesOf(person: Person): Promise<{ id: string; name: string; state: string }[]> {
  const { files, close } = await openDatabase(t.world);
  try {
    const found = await files.find({ ownerId: person.id }).toArray();
    return found.map(({ _id, name, state }) => ({ id: String(_id), name, state }) as never);
  } finally {
    await close();
  }
}

describe("an upload that is tried again with its key", () => {
  it("is stored once: whoever lost the answer gets it again, or asks for it", async () => {
    const person = await t.user();
    const uploadKey = aKey();
    expect((await person.uploadedFile({ uploadKey })).uploadedFile).toBeNull();

    const first = await person.upload(BYTES, { name: "film.bin", uploadKey });
    const again = await person.upload(BYTES, { name: "film.bin", uploadKey });

    expect(again.id).toBe(first.id);
    expect((await person.uploadedFile({ uploadKey })).uploadedFile?.id).toBe(first.id);
    expect((await person.files({})).files.totalCount).toBe(1);
  });

  it("is stored once by PUT too, with the key in its header", async () => {
    const person = await t.user();
    const uploadKey = aKey();
    const put = async (key: string): Promise<{ status: number; id: string; detail: string }> => {
      const headers = { authorization: `Bearer ${person.accessToken}`, "idempotency-key": key };
      const reply = await fetch(`${t.url}/files?name=film.bin`, { method: "PUT", body: BYTES, headers });
      return { ...((await reply.json()) as { id: string; detail: string }), status: reply.status };
    };

    const first = await put(`"${uploadKey}"`);
    const again = await put(uploadKey);

    expect(again).toMatchObject({ status: 201, id: first.id });
    expect((await person.uploadedFile({ uploadKey })).uploadedFile?.id).toBe(first.id);
    expect(await put('""')).toMatchObject({ status: 400, detail: expect.stringContaining("key") as string });
  });

  it("is nobody else's", async () => {
    const [person, stranger] = [await t.user(), await t.user()];
    const uploadKey = aKey();
    const first = await person.upload(BYTES, { uploadKey });

    expect((await stranger.uploadedFile({ uploadKey })).uploadedFile).toBeNull();
    expect((await stranger.upload(BYTES, { uploadKey })).id).not.toBe(first.id);
  });

  it("takes the place and the name of a try that got stuck", async () => {
    const person = await t.user();
    const uploadKey = aKey();
    const { sending: stuck } = await stuckTry(person, uploadKey);
    expect((await person.uploadedFile({ uploadKey })).uploadedFile).toBeNull();

    const file = await person.upload(BYTES, { name: "film.bin", uploadKey });

    expect(file.name).toBe("film.bin");
    stuck.destroy();
    await eventually(async () => (await filesOf(person)).length === 1);
    await audit(t.world, []);
  });

  it("leaves nothing when its bytes go on arriving after it was taken for dead and removed", async () => {
    const person = await t.user();
    const { sending, rest } = await stuckTry(person, aKey());
    const { files, close } = await openDatabase(t.world);
    await files.deleteOne({ ownerId: person.id });
    await close();

    const answered = once(sending, "response") as Promise<[IncomingMessage]>;
    sending.end(rest);
    const [answer] = await answered;

    expect(JSON.parse(await text(answer))).toMatchObject({
      errors: [{ extensions: { code: "UNAVAILABLE" } }],
    });
    await audit(t.world, []);
  });

  it("needs a key that is one", async () => {
    const person = await t.user();

    await expect(person.upload(BYTES, { uploadKey: "1" })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(person.uploadedFile({ uploadKey: "a b" })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      extensions: { field: ["uploadKey"] },
    });
  });
});
