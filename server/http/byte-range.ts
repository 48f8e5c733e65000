import type { IncomingHttpHeaders } from "node:http";
import parseRange from "range-parser";

/** What of a file a request gets (RFC 9110, sections 13 and 14). */
export type Selection =
  | { status: 200 }
  | { status: 206; start: number; end: number }
  | { status: 304 }
  | { status: 412 }
  | { status: 416 };

/** A file as conditional requests see it. Its bytes never change, so both validators are strong. */
export interface Representation {
  sizeBytes: number;
  etag: string | undefined;
  lastModified: Date;
}

type Conditions = Pick<
  IncomingHttpHeaders,
  "if-match" | "if-none-match" | "if-modified-since" | "if-unmodified-since" | "range"
> & { "if-range"?: string | string[] | undefined };

/** In the order that section 13.2.2 lays down. A range is for GET only. */
export function select(method: string, file: Representation, headers: Conditions): Selection {
  const modified = Math.floor(file.lastModified.getTime() / 1000) * 1000;
  if (headers["if-match"] !== undefined) {
    if (!names(headers["if-match"], file.etag, "strong")) return { status: 412 };
  } else if (headers["if-unmodified-since"] !== undefined) {
    if (modified > Date.parse(headers["if-unmodified-since"])) return { status: 412 };
  }
  if (headers["if-none-match"] !== undefined) {
    if (names(headers["if-none-match"], file.etag, "weak")) return { status: 304 };
  } else if (headers["if-modified-since"] !== undefined) {
    if (modified <= Date.parse(headers["if-modified-since"])) return { status: 304 };
  }
  const wanted = method === "GET" && headers.range !== undefined && rangeApplies(headers["if-range"], file);
  return wanted ? ranged(headers.range ?? "", file.sizeBytes) : { status: 200 };
}

/** A malformed range, several of them, or another unit: the whole file, as the standard allows. */
function ranged(header: string, size: number): Selection {
  const [, first = "", last = ""] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header) ?? [];
  if (first === "" && last === "") return { status: 200 };
  if (first !== "" && last !== "" && isLess(last, first)) return { status: 200 };
  // A suffix longer than the file is the whole file; range-parser would call it unsatisfiable.
  if (first === "" && Number(last) >= size && Number(last) > 0) {
    return size === 0 ? { status: 200 } : { status: 206, start: 0, end: size - 1 };
  }
  const parsed = parseRange(size, header);
  const range = Array.isArray(parsed) ? parsed[0] : undefined;
  return range === undefined ? { status: 416 } : { status: 206, start: range.start, end: range.end };
}

/** Compares digits of any length: beyond 2^53 numbers would round. */
function isLess(a: string, b: string): boolean {
  return BigInt(a) < BigInt(b);
}

function rangeApplies(ifRange: string | string[] | undefined, file: Representation): boolean {
  if (ifRange === undefined) return true;
  if (Array.isArray(ifRange)) return false;
  if (ifRange.startsWith('"') || ifRange.startsWith("W/")) return ifRange === file.etag;
  return ifRange === file.lastModified.toUTCString();
}

function names(list: string, etag: string | undefined, comparison: "strong" | "weak"): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === "weak" ? tag.replace(/^W\//, "") : tag) === etag);
}
