import { toHttpError, unreachable } from "../providers/errors.js";
import { session } from "../providers/graphql-client.js";
import { auditWhere } from "./audit.queries.js";
import type { AuditFilters } from "./audit.queries.js";

export type AuditFormat = "csv" | "jsonl";

/**
 * Saves what the filters leave of the audit log. It is asked for with a header, which a plain link cannot carry.
 * @throws HttpError when the server refuses or does not answer
 */
export async function saveAuditLog(format: AuditFormat, filters: AuditFilters): Promise<void> {
  const query = new URLSearchParams({ format, ...auditWhere(filters) } as Record<string, string>);
  const path = `/audit/export?${query.toString()}`;
  const token = await session.token();
  let answer = await get(path, token);
  if (answer.status === 401) answer = await get(path, await session.renew(token));
  if (!answer.ok) throw await refusalOf(answer);

  const url = URL.createObjectURL(await answer.blob());
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = `telestash-audit-${new Date().toISOString().slice(0, 10)}.${format}`;
  anchor.click();
  URL.revokeObjectURL(url);
}

async function get(path: string, token: string | undefined): Promise<Response> {
  return fetch(path, { headers: { authorization: `Bearer ${token ?? ""}` } }).catch(() => {
    throw unreachable();
  });
}

async function refusalOf(answer: Response) {
  const problem = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const message = problem["detail"] ?? problem["message"];
  if (typeof message !== "string") return unreachable(answer.status);
  return toHttpError([{ message, extensions: problem }]);
}
