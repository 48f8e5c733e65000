import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { AUDIT_FORMATS, auditLines } from "../admin/audit-export.js";
import type { AuditFormat } from "../admin/audit-export.js";
import type { AuditFilter } from "../admin/audit.ports.js";
import { badInput } from "../kernel/errors.js";
import type { HttpDeps } from "./deps.js";
import { sendFailure } from "./problem.js";
import { bearerOf } from "./request-context.js";

type Query = Record<string, string | string[] | undefined>;

const TYPES: Record<AuditFormat, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  jsonl: "application/jsonl; charset=utf-8",
};

/** GET /audit/export?format=csv|jsonl: the audit log, streamed, for administrators; filters as in `AuditWhere`. */
export function auditExportRoute(
  app: FastifyInstance,
  deps: Pick<HttpDeps, "authenticator" | "auditExport" | "log">,
): void {
  app.get<{ Querystring: Query }>("/audit/export", async (request, reply) => {
    try {
      const viewer = await deps.authenticator.viewerOf(bearerOf(request.headers.authorization));
      const format = formatOf(request.query);
      const filter = filterOf(request.query);
      const records = await deps.auditExport({ ...viewer, address: request.ip }, filter, format);
      const day = new Date().toISOString().slice(0, 10);
      return await reply
        .header("content-type", TYPES[format])
        .header("content-disposition", `attachment; filename="telestash-audit-${day}.${format}"`)
        .header("cache-control", "no-store")
        .send(Readable.from(auditLines(records, format)));
    } catch (error) {
      await sendFailure(request, reply, error, deps.log);
      return reply;
    }
  });
}

function formatOf(query: Query): AuditFormat {
  const { format = "csv" } = query;
  const known = AUDIT_FORMATS.find((one) => one === format);
  if (known === undefined)
    throw badInput(`Ask for one of these formats: ${AUDIT_FORMATS.join(", ")}.`, "format");
  return known;
}

function filterOf(query: Query): AuditFilter {
  const texts = (["actorId", "targetId", "action"] as const).map((name) => [name, textOf(query, name)]);
  const times = (["after", "before"] as const).map((name) => [name, timeOf(query, name)]);
  return Object.fromEntries([...texts, ...times].filter(([, value]) => value !== undefined)) as AuditFilter;
}

function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw badInput(`Give ${name} once.`, name);
  return value === "" ? undefined : value;
}

function timeOf(query: Query, name: string): Date | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw badInput(`${name} must be a time such as 2026-11-22T12:00:00Z.`, name);
  return time;
}
