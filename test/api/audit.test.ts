import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let admin: Person;
let user: { id: string; username: string };
beforeAll(async () => {
  t = await startServer();
  admin = await t.administrator();
  const input = { username: "=cmd", email: "audited@mail.example" };
  await expect(admin.createUser({ input })).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  user = (await admin.createUser({ input: { ...input, username: "audited" } })).createUser.user;
  await admin.updateUser({ id: user.id, input: { username: "renamed", email: "+1@mail.example" } });
  await admin.startPasswordReset({ userId: user.id });
});
afterAll(() => t?.close());

function exported(query: string, token = admin.accessToken): Promise<Response> {
  return fetch(`${t.url}/audit/export?${query}`, { headers: { authorization: `Bearer ${token}` } });
}

describe("the audit log", () => {
  it("says who did what to whom, from where, with values before and after", async () => {
    const { auditLog } = await admin.auditLog({ where: { targetId: user.id } });

    expect(auditLog.nodes.map(({ action }) => action)).toEqual([
      "user.password-reset-started",
      "user.updated",
      "user.created",
    ]);
    expect(auditLog.totalCount).toBe(3);
    expect(auditLog.nodes[1]).toMatchObject({
      actorKind: "USER",
      actorId: admin.id,
      actorName: "admin",
      address: "127.0.0.1",
      targetKind: "user",
      targetName: "audited",
      changes: [
        { field: "username", before: "audited", after: "renamed" },
        { field: "email", before: "audited@mail.example", after: "+1@mail.example" },
      ],
    });
  });

  it("keeps the names of that time when people are called otherwise later", async () => {
    const { auditLog } = await admin.auditLog({ where: { targetId: user.id, action: "user.created" } });

    expect(auditLog.nodes).toMatchObject([{ targetName: "audited" }]);
  });

  it("pages and filters by actor, action and time", async () => {
    const first = (await admin.auditLog({ where: { actorId: admin.id }, first: 2 })).auditLog;
    const rest = await admin.auditLog({
      where: { actorId: admin.id },
      after: first.pageInfo.endCursor ?? null,
    });
    const times = [...first.nodes, ...rest.auditLog.nodes].map(({ at }) => at);
    const newest = times[0] ?? "";

    expect(times).toEqual([...times].sort().reverse());
    expect((await admin.auditLog({ where: { after: newest } })).auditLog.nodes[0]?.at).toBe(newest);
    expect((await admin.auditLog({ where: { before: newest } })).auditLog.nodes[0]?.at).not.toBe(newest);
    expect((await admin.auditLog({ where: { actorId: user.id } })).auditLog.nodes).toEqual([]);
    expect((await admin.auditActions()).auditActions).toContain("user.updated");
  });

  it("is for administrators", async () => {
    const somebody = await t.user();

    await expect(somebody.auditLog({})).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(t.anonymous.auditLog({})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("can only be added to: nothing in the server changes or removes an entry", () => {
    const server = path.resolve(import.meta.dirname, "../../server");
    const sources = readdirSync(server, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => ({ file, text: readFileSync(path.join(server, file), "utf8") }));
    const holders = sources.filter(({ text }) => /collection(?:: |\()"audit"/.test(text));

    expect(holders.map(({ file }) => file)).toEqual(["adapters/mongo/mongo-audit.ts"]);
    expect(holders[0]?.text).not.toMatch(/update|delete|remove\w*\(|replace|bulkWrite|drop/i);
  });
});

describe("the export", () => {
  it("gives all that match, oldest first, as lines of JSON", async () => {
    const response = await exported(`format=jsonl&targetId=${user.id}`);
    const lines = (await response.text()).trimEnd().split("\n");

    expect(response.headers.get("content-type")).toContain("application/jsonl");
    expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toEqual([
      "user.created",
      "user.updated",
      "user.password-reset-started",
    ]);
  });

  it("gives a table that a spreadsheet can open without running anything", async () => {
    const response = await exported(`action=user.updated&targetId=${user.id}`);
    const text = await response.text();

    expect(response.headers.get("content-disposition")).toMatch(/attachment; filename=".*\.csv"/);
    expect(text.split("\r\n")).toHaveLength(3);
    expect(text).toContain("audited@mail.example");
  });

  it("of a long log comes whole, and is read no further when its reader leaves", async () => {
    const client = await MongoClient.connect(t.world.mongo.uri);
    const entries = Array.from({ length: 1_200 }, (_, n) => ({
      _id: `long-${n}` as never,
      at: new Date(n),
      action: "test.long",
      actorKind: "system",
      reason: "x".repeat(20_000),
    }));
    await client.db("telestash").collection("audit").insertMany(entries);
    await client.close();

    const whole = await (await exported("format=jsonl&action=test.long")).text();
    const left = await exported("format=jsonl&action=test.long");
    await left.body?.cancel();

    expect(whole.trimEnd().split("\n")).toHaveLength(1_200);
    await eventually(
      () => t.world.mongo.census()["command killCursors"] ?? 0,
      (killed) => killed > 0,
    );
  });

  it("is kept in the log itself", async () => {
    await (await exported("format=csv&action=user.created")).text();

    const { auditLog } = await admin.auditLog({ where: { action: "audit.exported" }, first: 1 });

    expect(auditLog.nodes[0]?.changes).toContainEqual({
      field: "action",
      before: null,
      after: "user.created",
    });
  });

  it.each([
    ["format=xml", 400],
    ["format=csv&format=jsonl", 400],
    ["after=yesterday", 400],
    ["actorId=1&actorId=2", 400],
  ])("refuses %s", async (query, status) => {
    const response = await exported(query);

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("is for administrators", async () => {
    const somebody = await t.user();

    expect((await exported("format=csv", somebody.accessToken)).status).toBe(403);
    expect((await fetch(`${t.url}/audit/export`)).status).toBe(401);
  });
});
