import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { badInput } from "../kernel/errors.js";
import { admit } from "./admit.js";
import type { Query } from "./admit.js";
import { inert, named, privately } from "./answer-file.js";
import type { HttpDeps, OpenZip } from "./deps.js";
import { answering, sendBytes } from "./send-bytes.js";

type ZipDeps = Pick<HttpDeps, "authenticator" | "zips" | "config" | "log">;

/** GET, HEAD /folders/:id/zip and /files/zip?ids=… (or, from a signed link, ?selection=…) */
export function zipRoutes(app: FastifyInstance, deps: ZipDeps): void {
  const method = ["GET", "HEAD"];
  app.route<{ Params: { id: string }; Querystring: Query }>({
    method,
    url: "/folders/:id/zip",
    handler: (request, reply) =>
      answering(request, reply, deps.log, async () => {
        const { id } = request.params;
        const { viewer } = await admit(request, deps.authenticator, [{ use: "folder-zip", id }]);
        await answerZip(request, reply, await deps.zips.folder(viewer, id), deps);
      }),
  });
  app.route<{ Querystring: Query }>({
    method,
    url: "/files/zip",
    handler: (request, reply) =>
      answering(request, reply, deps.log, async () => {
        const { selection } = request.query;
        if (typeof selection === "string") {
          const target = { use: "selection-zip", id: selection } as const;
          const { viewer } = await admit(request, deps.authenticator, [target]);
          return answerZip(request, reply, await deps.zips.kept(viewer, selection), deps);
        }
        const { viewer } = await admit(request, deps.authenticator, []);
        await answerZip(request, reply, await deps.zips.selection(viewer, idsOf(request.query)), deps);
      }),
  });
}

/** Answers with a zip. Who may have it was decided before. It is made anew each time, so no part of it can be had alone. */
export async function answerZip(
  request: FastifyRequest,
  reply: FastifyReply,
  zip: OpenZip,
  deps: Pick<HttpDeps, "config" | "log">,
): Promise<void> {
  const headers = {
    "content-type": "application/zip",
    "content-disposition": named(zip.name, "attachment"),
    "content-length": String(zip.sizeBytes),
    "accept-ranges": "none",
    ...privately,
    ...inert(deps.config),
  };
  if (request.method === "HEAD") return reply.code(200).headers(headers).send();
  const open = async (signal: AbortSignal) => zip.read(signal);
  await sendBytes(request, reply, { status: 200, headers, length: zip.sizeBytes, open }, deps.log);
}

function idsOf({ ids = [] }: Query): string[] {
  const list = (Array.isArray(ids) ? ids : [ids]).flatMap((text) => text.split(","));
  const found = list.map((id) => id.trim()).filter((id) => id !== "");
  if (found.length === 0) throw badInput("Name the files: /files/zip?ids=ID,ID.", "ids");
  return found;
}
