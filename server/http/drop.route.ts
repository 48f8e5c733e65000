import type { Readable } from "node:stream";
import busboy from "busboy";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { File } from "../files/file.js";
import type { Viewer } from "../kernel/context.js";
import { AppError, ERROR_STATUS, badInput, forbidden } from "../kernel/errors.js";
import type { HttpDeps } from "./deps.js";
import { dropPage } from "./drop-page.js";
import { IncomingBody, lingerAfterAnswer } from "./incoming-body.js";
import { sendFailure, withRetryAfter } from "./problem.js";
import { abortedByClient } from "./request-context.js";
import { sendPage } from "./share.route.js";

export const DROP_PATH = "/drop";
const LIMITS = { files: 1, fields: 8, fieldSize: 1024, parts: 16 };

type DropDeps = Pick<HttpDeps, "anonymousUploads" | "dropLimits" | "uploads" | "linksTo" | "config" | "log">;

/** A page for people without an account to leave a file at, and the form that it sends. Not there when not allowed. */
export async function dropRoutes(app: FastifyInstance, deps: DropDeps): Promise<void> {
  if (!deps.anonymousUploads) return;
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    scope.setErrorHandler((error, request, reply) => refuse(request, reply, error, deps));
    scope.addHook("onRequest", async (request, reply) => {
      // A page of ours says where it comes from when it sends the form, and tells nobody else.
      reply.headers({ "referrer-policy": "same-origin", "x-robots-tag": "noindex" });
      if (request.method !== "POST") return;
      refuseOthersPages(request, deps.config);
      await deps.uploads.admit(viewerOf(request), {});
    });
    scope.addHook("onResponse", (request, _reply, next) => {
      lingerAfterAnswer(request.raw);
      next();
    });
    scope.route({
      method: ["GET", "HEAD"],
      url: DROP_PATH,
      handler: (request, reply) => sendPage(request, reply, 200, dropPage(deps.dropLimits, undefined)),
    });
    scope.post(DROP_PATH, (request, reply) => receive(request, reply, deps));
    done();
  });
}

async function receive(request: FastifyRequest, reply: FastifyReply, deps: DropDeps): Promise<void> {
  const viewer = viewerOf(request);
  const length = Number(request.headers["content-length"] ?? NaN);
  const known = Number.isSafeInteger(length) ? { mostBytes: length } : {};
  const file = await firstFile(request, deps.config.maxFileBytes, ({ name, mimeType, body }) =>
    deps.uploads.receive(viewer, { ...known, name, mimeType }, body, abortedByClient(reply)),
  );
  const { shareLink } = await deps.linksTo(viewer, file);
  if (shareLink === undefined) throw new TypeError("A dropped file has no link.");
  // Whoever loads the page again does not send the file again.
  if (!reply.sent) await reply.redirect(`${new URL(shareLink.url).pathname}?dropped=1`, 303);
}

interface FormFile {
  name: string;
  mimeType: string;
  body: Readable;
}

/** @throws AppError BAD_USER_INPUT for a body that is no form, is broken, or has no file in it */
async function firstFile(
  request: FastifyRequest,
  maxBytes: number,
  take: (file: FormFile) => Promise<File>,
): Promise<File> {
  const parser = parserOf(request);
  const taken = new Promise<File>((resolve, reject) => {
    let isThere = false;
    const refuse = (error: AppError): void => {
      // Of a file that has begun its own body tells.
      if (!isThere) reject(error);
    };
    parser.on("file", (_field, stream, { filename, mimeType }) => {
      isThere = true;
      const body = new IncomingBody(stream, maxBytes);
      const name = nameOf(filename);
      const storing = name === "" ? Promise.reject(noFile()) : take({ name, mimeType, body });
      storing.finally(() => body.destroy()).then(resolve, reject);
    });
    parser.once("close", () => refuse(noFile()));
    // For good: a parser that fails may do so twice.
    parser.on("error", (error: unknown) => refuse(badInput(broken(error))));
    request.raw.once("close", () => {
      if (!request.raw.complete) parser.destroy(new Error("it ended early"));
    });
  });
  request.raw.pipe(parser);
  return taken.finally(() => request.raw.unpipe(parser));
}

function parserOf({ headers }: FastifyRequest): ReturnType<typeof busboy> {
  try {
    return busboy({ headers, limits: LIMITS, defParamCharset: "utf8" });
  } catch (error) {
    throw badInput(broken(error));
  }
}

/** Browsers write a quote as `%22`, and send all else as it is. The parser leaves out a name that is empty. */
function nameOf(filename: string | undefined): string {
  return (filename ?? "").replaceAll("%22", '"');
}

function noFile(): AppError {
  return badInput("Choose a file first.", "file");
}

function broken(error: unknown): string {
  const why = error instanceof Error ? `: ${error.message}` : "";
  return `The form cannot be read${why}. Send it again, whole.`;
}

/** The address is all that is known of whoever drops something. */
function viewerOf(request: FastifyRequest): Viewer {
  return { kind: "anonymous", address: request.ip };
}

/** A page of another site could send the form in its visitors' names, at the cost of what they may drop in a day. */
function refuseOthersPages(request: FastifyRequest, { http }: HttpDeps["config"]): void {
  const { origin, "sec-fetch-site": site } = request.headers;
  const isOurs =
    site === undefined
      ? origin === undefined || isOurOrigin(origin, request, http.publicUrl)
      : isOwnSite(site);
  if (!isOurs) throw forbidden("This form can be sent from our own page only. Open it and try there.");
}

function isOwnSite(site: string | string[]): boolean {
  return site === "same-origin" || site === "none";
}

function isOurOrigin(origin: string, request: FastifyRequest, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === request.host || (publicUrl !== undefined && host === new URL(publicUrl).host);
}

/** The page again, saying what is wrong. */
async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  deps: DropDeps,
): Promise<void> {
  const isPage = request.headers.accept?.includes("text/html") ?? false;
  if (!(error instanceof AppError) || !isPage || reply.sent)
    return sendFailure(request, reply, error, deps.log);
  withRetryAfter(reply, error);
  await sendPage(request, reply, ERROR_STATUS[error.code], dropPage(deps.dropLimits, error.message));
}
