import busboy from "busboy";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { FormFile } from "../files/drop.service.js";
import type { AnonymousViewer } from "../kernel/context.js";
import { AppError, ERROR_STATUS, badInput, forbidden } from "../kernel/errors.js";
import { BodyGate } from "./body-gate.js";
import type { HttpDeps } from "./deps.js";
import { dropPage } from "./drop-page.js";
import { IncomingBody, lingerAfterAnswer, refuseCutOff } from "./incoming-body.js";
import { sendFailure, withRetryAfter } from "./problem.js";
import { abortedByClient } from "./request-context.js";
import { sendPage } from "./share.route.js";

export const DROP_PATH = "/drop";
const LIMITS = { files: 1_000, fields: 8, fieldSize: 1024 };

type DropDeps = Pick<
  HttpDeps,
  "anonymousUploads" | "dropLimits" | "receiveForm" | "uploads" | "config" | "log"
>;

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
  const length = Number(request.headers["content-length"] ?? NaN);
  const known = Number.isSafeInteger(length) ? { mostBytes: length } : {};
  const files = filesOf(request, deps.config.maxFileBytes);
  const url = await deps.receiveForm(viewerOf(request), files, known, abortedByClient(reply));
  // Whoever loads the page again does not send the files again.
  if (!reply.sent) await reply.redirect(`${new URL(url).pathname}?dropped=1`, 303);
}

/**
 * The files of a form, one after the other as they come.
 * @throws AppError BAD_USER_INPUT for a body that is no form, or is broken; a file that is cut off says so itself
 */
async function* filesOf(request: FastifyRequest, maxBytes: number): AsyncGenerator<FormFile> {
  refuseCutOff(request.raw);
  const parser = parserOf(request);
  const gate = new BodyGate(request.raw, parser);
  const come: FormFile[] = [];
  let end: { why?: AppError } | undefined;
  let wake: () => void = () => undefined;
  const ended = (why?: AppError): void => {
    end ??= why === undefined ? {} : { why };
    wake();
  };
  parser.on("file", (_field, stream, { filename, mimeType }) => {
    const body = new IncomingBody(stream, maxBytes);
    gate.add(body);
    come.push({ name: nameOf(filename), mimeType, body });
    wake();
  });
  parser.once("filesLimit", () => ended(badInput(`Send at most ${LIMITS.files} files at once.`, "file")));
  parser.once("close", () => ended());
  // For good: a parser that fails may do so twice.
  parser.on("error", (error: unknown) => ended(badInput(broken(error))));
  request.raw.once("close", () => {
    if (!request.raw.complete) parser.destroy(new Error("it ended early"));
  });
  request.raw.pipe(parser);
  try {
    for (;;) {
      const next = come.shift();
      if (next !== undefined && next.name !== "") yield next;
      else if (next !== undefined) next.body.destroy();
      else if (end === undefined) await new Promise<void>((resolve) => (wake = resolve));
      else if (end.why !== undefined) throw end.why;
      else return;
    }
  } finally {
    request.raw.unpipe(parser);
    for (const { body } of come) body.destroy();
  }
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

function broken(error: unknown): string {
  const why = error instanceof Error ? `: ${error.message}` : "";
  return `The form cannot be read${why}. Send it again, whole.`;
}

/** The address is all that is known of whoever drops something. */
function viewerOf(request: FastifyRequest): AnonymousViewer {
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
