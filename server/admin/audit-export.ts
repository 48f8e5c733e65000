import type { AuditRecord } from "./audit.ports.js";

export const AUDIT_FORMATS = ["csv", "jsonl"] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

const COLUMNS = [
  "id",
  "at",
  "action",
  "actorKind",
  "actorId",
  "actorName",
  "address",
  "targetKind",
  "targetId",
  "targetName",
  "before",
  "after",
  "reason",
] as const;

/** A spreadsheet runs a cell that begins like this as a formula. */
const FORMULA = /^[\t\r\n ]*[=+\-@＝＋－＠]/;

/** The lines of an export, one entry each; CSV begins with the names of its columns. */
export async function* auditLines(
  records: AsyncIterable<AuditRecord>,
  format: AuditFormat,
): AsyncGenerator<string> {
  if (format === "csv") yield csvLine(COLUMNS);
  for await (const record of records) {
    const row = rowOf(record);
    yield format === "csv"
      ? csvLine(COLUMNS.map((column) => cellOf(row[column])))
      : `${JSON.stringify(row)}\n`;
  }
}

function rowOf({ target, ...record }: AuditRecord): Record<(typeof COLUMNS)[number], unknown> {
  return {
    id: record.id,
    at: record.at.toISOString(),
    action: record.action,
    actorKind: record.actorKind,
    actorId: record.actorId,
    actorName: record.actorName,
    address: record.address,
    targetKind: target?.kind,
    targetId: target?.id,
    targetName: target?.name,
    before: record.before,
    after: record.after,
    reason: record.reason,
  };
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** RFC 4180, with a quote before whatever a spreadsheet would run. */
function csvLine(cells: readonly string[]): string {
  const written = cells.map((cell) => {
    const safe = FORMULA.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${written.join(",")}\r\n`;
}
