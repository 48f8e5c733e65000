import type { OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, isAbort, unavailable } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import { logUnexpected } from "./format-error.js";
import { sendFailure } from "./problem.js";
import { abortedByClient } from "./request-context.js";

/** Bytes to be sent: how many, how they are described, and where they come from. */
export interface OutgoingBytes {
  status: number;
  headers: Record<string, string>;
  length: number;
  /** The stream is destroyed when it is not wanted any more. */
  open(signal: AbortSignal): Promise<Readable>;
}

/** Runs a handler whose failures become problems. Whoever went away gets no answer, and is no failure. */
export async function answering(
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
  answer: () => Promise<void>,
): Promise<void> {
  try {
    await answer();
  } catch (error) {
    if (reply.raw.destroyed) reply.hijack();
    else await sendFailure(request, reply, error, log);
  }
}

/**
 * The first bytes are waited for before the headers go out, so a failure can still be told. After that there is only
 * one honest way to fail: cut the connection, so that nobody takes a part for the whole.
 */
export async function sendBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  outgoing: OutgoingBytes,
  log: Logger,
): Promise<void> {
  const gone = abortedByClient(reply);
  const source = await outgoing.open(gone).catch((error: unknown) => {
    throw unreadable(error);
  });
  try {
    const chunks = await begun(exactly(source, outgoing.length));
    gone.throwIfAborted();
    reply.hijack();
    const headers = { ...reply.getHeaders(), ...outgoing.headers } as OutgoingHttpHeaders;
    reply.raw.writeHead(outgoing.status, headers);
    await pipeline(chunks, reply.raw);
  } catch (error) {
    if (!reply.raw.headersSent && !gone.aborted) throw unreadable(error);
    if (!gone.aborted) logUnexpected(log, request.id, unreadable(error));
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

/** Waits for the first chunk, and gives it with the others. */
async function begun(chunks: AsyncGenerator<Buffer, undefined>): Promise<AsyncGenerator<Buffer>> {
  const first = await chunks.next();
  return following(first.done ? [] : [first.value], chunks);
}

/** @param first emptied, for a slow reader would otherwise hold it to his end */
async function* following(first: Buffer[], rest: AsyncGenerator<Buffer, undefined>): AsyncGenerator<Buffer> {
  for (let chunk = first.shift(); chunk !== undefined; chunk = first.shift()) yield chunk;
  yield* rest;
}

function unreadable(error: unknown): unknown {
  if (error instanceof AppError || isAbort(error)) return error;
  return unavailable("The file's bytes cannot be had at this moment. Try again shortly.", error);
}
