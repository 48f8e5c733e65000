import type { FastifyInstance } from "fastify";
import { admit } from "./admit.js";
import type { Query } from "./admit.js";
import { answerFile } from "./answer-file.js";
import type { HttpDeps } from "./deps.js";
import { answering } from "./send-bytes.js";

type DownloadDeps = Pick<HttpDeps, "authenticator" | "downloads" | "config" | "log">;

/** GET, HEAD /files/:id/content */
export function downloadRoute(app: FastifyInstance, deps: DownloadDeps): void {
  app.route<{ Params: { id: string }; Querystring: Query }>({
    method: ["GET", "HEAD"],
    url: "/files/:id/content",
    handler: (request, reply) =>
      answering(request, reply, deps.log, async () => {
        const { id } = request.params;
        const targets = [{ use: "save", id } as const, { use: "show", id } as const];
        const { viewer, use } = await admit(request, deps.authenticator, targets);
        const wantsInline = use === "show" || request.query["inline"] === "1";
        await answerFile(request, reply, await deps.downloads.open(viewer, id), wantsInline, deps);
      }),
  });
}
