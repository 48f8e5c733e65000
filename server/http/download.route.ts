import type { OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { create as contentDisposition } from "content-disposition";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { File } from "../files/file.js";
import type { Viewer } from "../kernel/context.js";
import { AppError, isAbort, unavailable } from "../kernel/errors.js";
import { select } from "./byte-range.js";
import type { Selection } from "./byte-range.js";
import type { HttpDeps, OpenDownload } from "./deps.js";
import { logUnexpected } from "./format-error.js";
import { sendFailure, sendProblem } from "./problem.js";
import { abortedByClient, bearerOf } from "./request-context.js";

type DownloadDeps = Pick<HttpDeps, "authenticator" | "downloads" | "config" | "log">;
type Span = { start: number; end: number };

/** Types that a browser shows without running anything. Everything else is only ever saved. */
const SHOWABLE =
  /^(?:image\/(?:png|jpeg|gif|webp|avif)|(?:audio|video)\/[a-z0-9.+-]+|application\/pdf|text\/plain)$/;

/** GET, HEAD /files/:id/content */
export function downloadRoute(app: FastifyInstance, deps: DownloadDeps): void {
  app.route<{ Params: { id: string }; Querystring: Record<string, string | string[] | undefined> }>({
    method: ["GET", "HEAD"],
    url: "/files/:id/content",
    handler: async (request, reply) => {
      try {
        const viewer = await viewerOf(request, deps);
        const download = await deps.downloads.open(viewer, request.params.id);
        await serve(request, reply, download, deps);
      } catch (error) {
        // Whoever went away gets no answer, and is no failure.
        if (reply.raw.destroyed) reply.hijack();
        else await sendFailure(request, reply, error, deps.log);
      }
    },
  });
}

function viewerOf(
  request: FastifyRequest<{ Params: { id: string }; Querystring: Record<string, unknown> }>,
  { authenticator }: DownloadDeps,
): Promise<Viewer> {
  const { token } = request.query;
  if (request.headers.authorization === undefined && typeof token === "string") {
    return authenticator.viewerOfDownload(token, request.params.id);
  }
  return authenticator.viewerOf(bearerOf(request.headers.authorization));
}

async function serve(
  request: FastifyRequest<{ Querystring: Record<string, unknown> }>,
  reply: FastifyReply,
  download: OpenDownload,
  deps: DownloadDeps,
): Promise<void> {
  const { file } = download;
  const etag = file.sha256 === undefined ? undefined : `"${file.sha256}"`;
  const representation = { sizeBytes: file.sizeBytes, etag, lastModified: file.createdAt };
  const selection = select(request.method, representation, request.headers);
  const validators = {
    ...(etag && { etag }),
    "last-modified": file.createdAt.toUTCString(),
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    vary: "authorization, origin",
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
  const span = spanOf(selection, file);
  const headers = {
    ...validators,
    ...describe(file, span, request.query["inline"] === "1"),
    ...(selection.status === 206 && {
      "content-range": `bytes ${span.start}-${span.end}/${file.sizeBytes}`,
    }),
    "content-security-policy": "sandbox; default-src 'none'",
    "cross-origin-resource-policy": deps.config.http.frontends.length > 0 ? "cross-origin" : "same-origin",
  };
  reply.code(selection.status);
  if (request.method === "HEAD" || file.sizeBytes === 0) return reply.headers(headers).send();
  await sendBytes(reply, { download, span, headers }, deps, request.id);
}

function spanOf(selection: Selection, file: File): Span {
  return selection.status === 206
    ? { start: selection.start, end: selection.end }
    : { start: 0, end: file.sizeBytes - 1 };
}

function describe(file: File, { start, end }: Span, wantsInline: boolean): Record<string, string> {
  const essence = file.mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const inline = wantsInline && SHOWABLE.test(essence);
  const shown = essence === "text/plain" ? "text/plain; charset=utf-8" : essence;
  const type = inline ? "inline" : "attachment";
  return {
    "content-type": inline ? shown : "application/octet-stream",
    "content-disposition": contentDisposition(headerName(file.name), { type }),
    "content-length": String(end - start + 1),
  };
}

/** Names were checked when they came in; one that was not must not break the answer. */
function headerName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cs}/\\]/gu, "_");
}

/**
 * The first bytes are waited for before the headers go out, so a failure can still be told. After that there is only
 * one honest way to fail: cut the connection, so that nobody takes a part for the whole.
 */
async function sendBytes(
  reply: FastifyReply,
  answer: { download: OpenDownload; span: Span; headers: Record<string, string> },
  deps: DownloadDeps,
  requestId: string,
): Promise<void> {
  const { span } = answer;
  const gone = abortedByClient(reply);
  const source = await answer.download.read(span, gone).catch((error: unknown) => {
    throw unreadable(error);
  });
  try {
    const chunks = exactly(source, span.end - span.start + 1);
    const first = await chunks.next();
    gone.throwIfAborted();
    reply.hijack();
    reply.raw.writeHead(reply.statusCode, {
      ...reply.getHeaders(),
      ...answer.headers,
    } as OutgoingHttpHeaders);
    await pipeline(following(first, chunks), reply.raw);
  } catch (error) {
    if (!reply.raw.headersSent && !gone.aborted) throw unreadable(error);
    if (!gone.aborted) logUnexpected(deps.log, requestId, unreadable(error));
    if (!reply.sent) reply.hijack();
    reply.raw.destroy();
  } finally {
    source.destroy();
  }
}

/** Passes on exactly so many bytes, and fails for fewer or more. */
async function* exactly(source: Readable, length: number): AsyncGenerator<Buffer, undefined> {
  let left = length;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    left -= chunk.length;
    if (left < 0) break;
    if (chunk.length > 0) yield chunk;
  }
  if (left !== 0)
    throw unavailable(`A download was ${left > 0 ? "short" : "long"} by ${Math.abs(left)} bytes.`);
  return undefined;
}

async function* following(
  first: IteratorResult<Buffer, undefined>,
  rest: AsyncGenerator<Buffer, undefined>,
): AsyncGenerator<Buffer> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

function unreadable(error: unknown): unknown {
  if (error instanceof AppError || isAbort(error)) return error;
  return unavailable("The file's bytes cannot be had at this moment. Try again shortly.", error);
}
