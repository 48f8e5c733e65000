import { create as contentDisposition } from "content-disposition";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { File } from "../files/file.js";
import { inlineTypeOf } from "../files/preview.js";
import { select } from "./byte-range.js";
import type { Selection } from "./byte-range.js";
import type { HttpDeps, OpenDownload } from "./deps.js";
import { sendProblem } from "./problem.js";
import { sendBytes } from "./send-bytes.js";

type AnswerDeps = Pick<HttpDeps, "config" | "log">;

/**
 * Answers with a file's bytes, or the part of them that the request's conditions and range select. Who may have them
 * was decided before.
 * @param wantsInline show it in the browser, if it is of a kind that runs nothing; everything else is saved
 */
export async function answerFile(
  request: FastifyRequest,
  reply: FastifyReply,
  download: OpenDownload,
  wantsInline: boolean,
  deps: AnswerDeps,
): Promise<void> {
  const { file } = download;
  const etag = file.sha256 === undefined ? undefined : `"${file.sha256}"`;
  const representation = { sizeBytes: file.sizeBytes, etag, lastModified: file.createdAt };
  const selection = select(request.method, representation, request.headers);
  const validators = {
    ...(etag && { etag }),
    "last-modified": file.createdAt.toUTCString(),
    "accept-ranges": "bytes",
    ...privately,
  };
  if (selection.status === 304) return reply.code(304).headers(validators).send();
  if (selection.status === 412) {
    return sendProblem(request, reply, 412, "CONFLICT", "The file is not the one that If-Match names.");
  }
  if (selection.status === 416) {
    reply.header("content-range", `bytes */${file.sizeBytes}`);
    const detail = `The file has ${file.sizeBytes} bytes; the range asks for others.`;
    return sendProblem(request, reply, 416, "BAD_USER_INPUT", detail);
  }
  const { start, end } = spanOf(selection, file);
  const length = end - start + 1;
  const headers = {
    ...validators,
    ...describe(file, wantsInline),
    ...inert(deps.config),
    "content-length": String(length),
    ...(selection.status === 206 && { "content-range": `bytes ${start}-${end}/${file.sizeBytes}` }),
  };
  const { status } = selection;
  if (request.method === "HEAD" || length === 0) return reply.code(status).headers(headers).send();
  const open = (signal: AbortSignal) => download.read({ start, end }, signal);
  await sendBytes(request, reply, { status, headers, length, open }, deps.log);
}

/** For one viewer, and to be asked for again each time: permission may end. */
export const privately = { "cache-control": "private, no-cache", vary: "authorization, origin" };

/** Whatever the bytes are, a browser that shows them runs nothing and lets other sites have none of them. */
export function inert(config: HttpDeps["config"]): Record<string, string> {
  return {
    "content-security-policy": "sandbox; default-src 'none'",
    "cross-origin-resource-policy": config.http.frontends.length > 0 ? "cross-origin" : "same-origin",
  };
}

/** @param type whether to save it or to show it */
export function named(name: string, type: "attachment" | "inline"): string {
  // Names were checked when they came in; one that was not must not break the answer.
  return contentDisposition(name.replace(/[\p{Cc}\p{Cs}/\\]/gu, "_"), { type });
}

function spanOf(selection: Selection, file: File): { start: number; end: number } {
  return selection.status === 206 ? selection : { start: 0, end: file.sizeBytes - 1 };
}

function describe(file: File, wantsInline: boolean): Record<string, string> {
  const shown = wantsInline ? inlineTypeOf(file.mimeType) : undefined;
  return {
    "content-type": shown ?? "application/octet-stream",
    "content-disposition": named(file.name, shown === undefined ? "attachment" : "inline"),
  };
}
