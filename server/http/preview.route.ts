import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { File } from "../files/file.js";
import { THUMBNAIL_SIZES } from "../files/preview.js";
import type { ThumbnailSize } from "../files/preview.js";
import { badInput } from "../kernel/errors.js";
import { admit } from "./admit.js";
import type { Query } from "./admit.js";
import { inert, named, privately } from "./answer-file.js";
import { select } from "./byte-range.js";
import type { HttpDeps } from "./deps.js";
import { abortedByClient } from "./request-context.js";
import { answering } from "./send-bytes.js";

type PreviewDeps = Pick<HttpDeps, "authenticator" | "previews" | "config" | "log">;
type PreviewRequest = FastifyRequest<{ Params: { id: string }; Querystring: Query }>;

/** GET, HEAD /files/:id/thumbnail?size= and /files/:id/preview */
export function previewRoutes(app: FastifyInstance, deps: PreviewDeps): void {
  const route = (name: string, answer: (request: PreviewRequest, reply: FastifyReply) => Promise<void>) =>
    app.route<{ Params: { id: string }; Querystring: Query }>({
      method: ["GET", "HEAD"],
      url: `/files/:id/${name}`,
      handler: (request, reply) => answering(request, reply, deps.log, () => answer(request, reply)),
    });

  route("thumbnail", async (request, reply) => {
    const { id } = request.params;
    const { viewer } = await admit(request, deps.authenticator, [{ use: "thumbnail", id }]);
    const size = sizeOf(request.query);
    const { file, webp } = await deps.previews.thumbnail(viewer, id, size);
    const etag = `"${file.sha256 ?? file.blobId}-${size}"`;
    await sendSmall(request, reply, { file, etag, type: "image/webp", body: webp }, deps);
  });

  route("preview", async (request, reply) => {
    const { id } = request.params;
    const { viewer } = await admit(request, deps.authenticator, [{ use: "text", id }]);
    const { file, text, charset, isCut } = await deps.previews.text(viewer, id, abortedByClient(reply));
    reply.headers({ "x-preview-charset": charset, "x-preview-cut": String(isCut) });
    const etag = `"${file.sha256 ?? file.blobId}-text"`;
    const type = "text/plain; charset=utf-8";
    await sendSmall(request, reply, { file, etag, type, body: Buffer.from(text) }, deps);
  });
}

/** @throws AppError BAD_USER_INPUT for a size that there is not */
export function sizeOf({ size }: Query): ThumbnailSize {
  if (size === undefined) return THUMBNAIL_SIZES[0];
  const known = THUMBNAIL_SIZES.find((one) => String(one) === size);
  if (known === undefined) throw badInput(`The size must be one of ${THUMBNAIL_SIZES.join(", ")}.`, "size");
  return known;
}

/** Answers with something that is held whole. Who may have it was decided before. */
export async function sendSmall(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, etag, type, body }: { file: File; etag: string; type: string; body: Buffer },
  deps: Pick<HttpDeps, "config">,
): Promise<void> {
  const { "if-none-match": ifNoneMatch } = request.headers;
  const conditions = ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch };
  const representation = { sizeBytes: body.length, etag, lastModified: file.createdAt };
  const { status } = select("HEAD", representation, conditions);
  reply.headers({ etag, ...privately });
  if (status === 304) return reply.code(304).send();
  reply.headers({
    ...inert(deps.config),
    "content-type": type,
    "content-disposition": named(file.name, "inline"),
    "content-length": String(body.length),
  });
  await reply.send(request.method === "HEAD" ? undefined : body);
}
