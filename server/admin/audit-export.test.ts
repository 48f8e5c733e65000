import { describe, expect, it } from "vitest";
import { auditLines } from "./audit-export.js";
import type { AuditFormat } from "./audit-export.js";
import type { AuditRecord } from "./audit.ports.js";

const RECORD: AuditRecord = {
  id: "1",
  at: new Date("2026-11-22T12:00:00Z"),
  action: "user.updated",
  actorKind: "user",
  actorId: "2",
  actorName: "anna",
  address: "127.0.0.1",
  target: { kind: "user", id: "3", name: "ben" },
  before: { email: "a@example.com" },
  after: { email: "b@example.com" },
};

async function* given(...records: AuditRecord[]): AsyncGenerator<AuditRecord> {
  for (const record of records) yield await Promise.resolve(record);
}

async function written(format: AuditFormat, ...records: AuditRecord[]): Promise<string> {
  let text = "";
  for await (const line of auditLines(given(...records), format)) text += line;
  return text;
}

describe("an export of the audit log", () => {
  it("names its columns, and quotes what needs it", async () => {
    const [names, line] = (await written("csv", { ...RECORD, reason: 'said "no", twice' })).split("\r\n");

    expect(names).toBe(
      "id,at,action,actorKind,actorId,actorName,address,targetKind,targetId,targetName,before,after,reason",
    );
    expect(line).toBe(
      "1,2026-11-22T12:00:00.000Z,user.updated,user,2,anna,127.0.0.1,user,3,ben," +
        '"{""email"":""a@example.com""}","{""email"":""b@example.com""}","said ""no"", twice"',
    );
  });

  it.each(["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"])(
    "keeps a spreadsheet from running %j",
    async (name) => {
      const csv = await written("csv", { ...RECORD, target: { kind: "file", id: "3", name } });

      expect(csv).toContain(`'${name}`);
    },
  );

  it("has one JSON object in each line", async () => {
    const lines = (await written("jsonl", RECORD, RECORD)).trimEnd().split("\n");

    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ action: "user.updated", after: RECORD.after });
  });
});
