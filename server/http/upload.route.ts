import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { File } from "../files/file.js";
import { NAME_CONFLICTS } from "../files/place.js";
import type { NameConflict } from "../files/place.js";
import type { Viewer } from "../kernel/context.js";
import { badInput, fileTooLarge, unauthenticated } from "../kernel/errors.js";
import type { HttpDeps, UploadLinks } from "./deps.js";
import { IncomingBody, lingerAfterAnswer } from "./incoming-body.js";
import { sendFailure } from "./problem.js";
import { abortedByClient, bearerOf } from "./request-context.js";

type UploadDeps = Pick<HttpDeps, "authenticator" | "uploads" | "linksTo" | "config" | "log">;
type Query = Record<string, string | string[] | undefined>;

declare module "fastify" {
  interface FastifyRequest {
    uploader?: Viewer;
  }
}

/** PUT /files?name=NAME[&folder=ID][&onConflict=RENAME]: the body is the file. `Idempotency-Key` is its upload key. */
export async function uploadRoute(app: FastifyInstance, deps: UploadDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    scope.setErrorHandler((error, request, reply) =>
      sendFailure(request, reply, error, deps.log, request.uploader),
    );
    scope.addHook("onRequest", (request) => admit(request, deps));
    scope.addHook("onResponse", (request, _reply, next) => {
      lingerAfterAnswer(request.raw);
      next();
    });
    scope.put<{ Querystring: Query }>("/files", (request, reply) => receive(request, reply, deps));
    done();
  });
}

/** Before a byte of the body is read: a client that waits for "100 Continue" sends none in vain. */
async function admit(request: FastifyRequest, deps: UploadDeps): Promise<void> {
  const known = await deps.authenticator.viewerOf(bearerOf(request.headers.authorization));
  const viewer = { ...known, address: request.ip };
  const bytes = declaredBytes(request.headers);
  if ((bytes ?? 0) > deps.config.maxFileBytes) throw fileTooLarge(deps.config.maxFileBytes);
  await deps.uploads.admit(viewer, bytes === undefined ? {} : { declaredBytes: bytes });
  request.uploader = viewer;
}

async function receive(
  request: FastifyRequest<{ Querystring: Query }>,
  reply: FastifyReply,
  deps: UploadDeps,
): Promise<void> {
  const viewer = request.uploader;
  if (!viewer) throw unauthenticated();
  const facts = factsOf(request);
  const body = new IncomingBody(request.raw, deps.config.maxFileBytes);
  try {
    const file = await deps.uploads.receive(viewer, facts, body, abortedByClient(reply));
    if (reply.sent) return;
    const links = await deps.linksTo(viewer, file);
    await reply
      .code(201)
      .header("location", locationOf(file, links))
      .header("cache-control", "no-store")
      .send(asJson(file, links));
  } finally {
    body.destroy();
  }
}

function factsOf(request: FastifyRequest<{ Querystring: Query }>): {
  name: string;
  folderId?: string;
  mimeType?: string;
  sha256?: string;
  declaredBytes?: number;
  onConflict?: NameConflict;
  uploadKey?: string;
} {
  const { name, folder, onConflict } = request.query;
  if (typeof name !== "string" || name === "") throw badInput("Name the file: PUT /files?name=NAME.", "name");
  if (Array.isArray(folder)) throw badInput("Give one folder at most.", "folder");
  const sha256 = declaredDigest(request.headers["repr-digest"]);
  const mimeType = declaredType(request.headers["content-type"]);
  const bytes = declaredBytes(request.headers);
  const key = request.headers["idempotency-key"];
  return {
    name,
    ...(folder !== undefined && folder !== "" && { folderId: folder }),
    ...(mimeType !== undefined && { mimeType }),
    ...(sha256 !== undefined && { sha256 }),
    ...(bytes !== undefined && { declaredBytes: bytes }),
    ...(onConflict !== undefined && { onConflict: nameConflict(onConflict) }),
    ...(key !== undefined && { uploadKey: uploadKeyOf(key) }),
  };
}

function nameConflict(given: string | string[]): NameConflict {
  const known = NAME_CONFLICTS.find((policy) => policy === String(given).toUpperCase());
  if (known === undefined) throw badInput(`onConflict is one of ${NAME_CONFLICTS.join(", ")}.`, "onConflict");
  return known;
}

/** A string of RFC 8941, as draft-ietf-httpapi-idempotency-key-header has it; without the quotes too. */
function uploadKeyOf(header: string | string[]): string {
  const [, quoted, bare = ""] = /^"([^"]*)"$|^(.*)$/.exec(String(header).trim()) ?? [];
  return quoted ?? bare;
}

function declaredBytes(headers: IncomingHttpHeaders): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

/** What tools send when they do not know says nothing about the file: then its name decides. */
function declaredType(header: string | undefined): string | undefined {
  const essence = header?.split(";", 1)[0]?.trim().toLowerCase();
  const unsaid = ["", "application/octet-stream", "application/x-www-form-urlencoded"];
  return essence === undefined || unsaid.includes(essence) ? undefined : header;
}

/** RFC 9530: a dictionary of digests. Algorithms other than sha-256 are passed over. */
function declaredDigest(header: string | string[] | undefined): string | undefined {
  const members = String(header ?? "").split(",");
  const ours = members.map((member) => member.trim()).find((member) => /^sha-256\b/i.test(member));
  if (ours === undefined) return undefined;
  const [, base64] = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(ours) ?? [];
  if (base64 === undefined) {
    throw badInput("Repr-Digest must be written like sha-256=:<base64 of 32 bytes>:.", "repr-digest");
  }
  return Buffer.from(base64, "base64").toString("hex");
}

/** Where whoever sent it may read it. */
function locationOf(file: File, { shareLink }: UploadLinks): string {
  return shareLink === undefined ? `/files/${file.id}/content` : new URL(shareLink.url).pathname;
}

/** The File as GraphQL shows it, as far as it is known without further questions. */
function asJson(file: File, links: UploadLinks): Record<string, unknown> {
  return {
    id: file.id,
    name: file.name,
    size: file.sizeBytes,
    mimeType: file.mimeType,
    sha256: file.sha256 ?? null,
    state: file.state,
    createdAt: file.createdAt.toISOString(),
    folderId: file.folderId ?? null,
    transferId: file.transferId ?? null,
    expiresAt: file.expiresAt?.toISOString() ?? null,
    ...links,
  };
}
