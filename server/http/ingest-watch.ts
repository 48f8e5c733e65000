import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./problem.js";

export interface IngestRule {
  /** Over how long a client's rate is averaged. Only the time counts in which we wait for it. */
  windowMs: number;
  /** Fewer bytes than this in such a window, and the request is ended. */
  leastBytes: number;
  /** How often we look. */
  everyMs: number;
}

export const DEFAULT_INGEST_RULE: IngestRule = { windowMs: 30_000, leastBytes: 30 * 1024, everyMs: 1_000 };

interface Watched {
  request: FastifyRequest;
  reply: FastifyReply;
  waitedMs: number;
  /** What the connection had received when the window began. */
  startBytes: number;
}

/**
 * Uploads may take hours, so there is no request timeout; but who sends next to nothing may not hold a connection
 * for ever (slow-loris). A client that waits because we are slow is not blamed.
 */
export function watchIngest(app: FastifyInstance, rule: IngestRule = DEFAULT_INGEST_RULE): void {
  const watched = new Set<Watched>();
  const timer = setInterval(() => look(watched, rule), rule.everyMs);
  timer.unref();
  app.addHook("onClose", (_app, done) => {
    clearInterval(timer);
    done();
  });
  app.addHook("onRequest", (request, reply, done) => {
    const { headers, socket } = request.raw;
    if (headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined) {
      const entry = { request, reply, waitedMs: 0, startBytes: socket.bytesRead };
      watched.add(entry);
      request.raw.once("close", () => watched.delete(entry));
    }
    done();
  });
}

function look(watched: Set<Watched>, rule: IngestRule): void {
  for (const entry of watched) {
    const { raw } = entry.request;
    if (raw.complete || raw.destroyed) {
      watched.delete(entry);
      continue;
    }
    // Bytes that nobody has read yet mean that we are the slow side.
    if (raw.readableLength > 0) continue;
    entry.waitedMs += rule.everyMs;
    if (entry.waitedMs < rule.windowMs) continue;
    const received = raw.socket.bytesRead - entry.startBytes;
    if (received < rule.leastBytes) {
      watched.delete(entry);
      void end(entry, rule);
    }
    entry.waitedMs = 0;
    entry.startBytes = raw.socket.bytesRead;
  }
}

async function end({ request, reply }: Watched, rule: IngestRule): Promise<void> {
  const cut = (): unknown => request.raw.destroy();
  if (reply.raw.headersSent) {
    cut();
    return;
  }
  reply.raw.once("finish", cut);
  const detail = `Fewer than ${rule.leastBytes} bytes came in ${rule.windowMs / 1000} s. Send faster, or try again later.`;
  await sendProblem(request, reply.header("connection", "close"), 408, "BAD_USER_INPUT", detail);
}
