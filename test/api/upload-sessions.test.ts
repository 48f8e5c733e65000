import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { ClientRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, openDatabase } from "../support/audit.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

const BYTES = randomBytes(2 * 1024 * 1024);
const HALF = BYTES.length / 2;

let t: TestServer;
let admin: Person;
beforeAll(async () => {
  t = await startServer();
  admin = await t.administrator();
});
afterAll(() => t.close());

/** An upload of which half has arrived, and the way to send the rest. */
async function halfWay(person: Person) {
  const sending = request(`${t.url}/files?name=long.bin`, {
    method: "PUT",
    headers: { authorization: `Bearer ${person.accessToken}`, "content-length": BYTES.length },
  });
  const answer = answerTo(sending);
  sending.write(BYTES.subarray(0, HALF));
  await eventually(async () => (await receiving(person)) === 1);
  return {
    rest: () => {
      sending.end(BYTES.subarray(HALF));
      return answer;
    },
  };
}

function answerTo(sending: ClientRequest): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    sending.once("error", reject).once("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.once("end", () => resolve({ status: response.statusCode, text }));
    });
  });
}

async function receiving({ id }: Person): Promise<number> {
  const { files, close } = await openDatabase(t.world);
  try {
    return await files.countDocuments({ ownerId: id, state: "RECEIVING" });
  } finally {
    await close();
  }
}

describe("an upload whose owner", () => {
  it.each<[string, (person: Person) => Promise<unknown>]>([
    ["is archived", (person) => admin.archiveUsers({ ids: [person.id] })],
    ["signs out", (person) => person.logout()],
  ])("%s while it runs is refused at its end, and nothing of it stays", async (_what, end) => {
    const person = await t.user();
    const upload = await halfWay(person);

    await end(person);
    const { status, text } = await upload.rest();

    expect(status).toBe(401);
    expect(text).toContain("You were signed out meanwhile");
    await eventually(async () => (await receiving(person)) === 0);
    await audit(t.world, []);
  });

  it("only gets another role goes on", async () => {
    const person = await t.user();
    const upload = await halfWay(person);

    await admin.updateUser({ id: person.id, input: { role: "PREMIUM" } });

    expect((await upload.rest()).status).toBe(201);
  });
});
