import type { FastifyInstance } from "fastify";
import { lingerAfterAnswer } from "./incoming-body.js";
import { sendProblem } from "./problem.js";

const CHUNKED = /^chunked$/i;
const IDENTITY = /^(?:identity)?$/i;

/**
 * Refuses bodies that would have to be decoded first: what is kept are the bytes as they come, and those would be
 * somebody's gzip. 501 for a transfer coding, 415 for a content coding (RFC 9112 section 6.1, RFC 9110 section 8.4.1).
 */
export function refuseCodedBodies(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    const { "transfer-encoding": transfer, "content-encoding": content = "" } = request.headers;
    const refuse = async (status: 415 | 501, detail: string): Promise<void> => {
      await sendProblem(request, reply.header("connection", "close"), status, "BAD_USER_INPUT", detail);
      lingerAfterAnswer(request.raw);
    };
    if (transfer !== undefined && !CHUNKED.test(transfer)) {
      await refuse(
        501,
        "Send the body with its length, or with Transfer-Encoding: chunked and nothing else.",
      );
    } else if (!IDENTITY.test(content)) {
      reply.header("accept-encoding", "identity");
      await refuse(415, "Send the body as it is, without Content-Encoding.");
    }
  });
}
