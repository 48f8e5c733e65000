import { STATUS_CODES } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Continuation, Grant, SharedBytes, Visit } from "../files/share-visit.service.js";
import { AppError, ERROR_STATUS, badInput } from "../kernel/errors.js";
import type { Query } from "./admit.js";
import { answerFile } from "./answer-file.js";
import type { HttpDeps } from "./deps.js";
import { sendSmall, sizeOf } from "./preview.route.js";
import { withRetryAfter } from "./problem.js";
import { abortedByClient } from "./request-context.js";
import { answering } from "./send-bytes.js";
import { SHARE_PAGE_POLICY, filePage, folderPage, passwordPage, problemPage } from "./share-page.js";
import { answerZip } from "./zip.route.js";

type ShareDeps = Pick<HttpDeps, "shares" | "config" | "log">;
type ShareRequest = FastifyRequest<{ Params: { token: string; key?: string }; Querystring: Query }>;
type Answer = (request: ShareRequest, reply: FastifyReply) => Promise<void>;

const PASS_COOKIE = "telestash_pass";
const DOWNLOAD_COOKIE = "telestash_download";
const MOST_FORM_BYTES = 8 * 1024;

/** A request's path as it may be logged: whoever knows a link's token may open it. */
export function withoutShareToken(path: string): string {
  return path.replace(/^(\/+(?:s|%73)(?:\/|%2f)+)[^/]+/i, "$1[redacted]");
}

/** Everything below /s/:token: pages without script, and the bytes that they lead to. */
export async function shareRoutes(app: FastifyInstance, deps: ShareDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: MOST_FORM_BYTES },
      (_request, body, parsed) => parsed(null, new URLSearchParams(String(body))),
    );
    const route = (method: "GET" | "POST", url: string, answer: Answer): void => {
      scope.route<{ Params: { token: string; key?: string }; Querystring: Query }>({
        method: method === "GET" ? ["GET", "HEAD"] : method,
        url: `/s/:token${url}`,
        handler: (request, reply) => {
          reply.headers({ "x-robots-tag": "noindex, nofollow", "cache-control": "no-store" });
          return answering(request, reply, deps.log, () => refusingInWords(request, reply, answer));
        },
      });
    };
    route("GET", "", (request, reply) => answerLink(request, reply, deps));
    route("POST", "", (request, reply) => answerPassword(request, reply, deps));
    route("GET", "/folders/:key", (request, reply) => answerFolder(request, reply, deps));
    route("GET", "/files/:key", (request, reply) => answerFilePage(request, reply, deps));
    for (const place of ["", "/files/:key"]) {
      route("GET", `${place}/content`, (request, reply) => answerContent(request, reply, deps));
      route("GET", `${place}/thumbnail`, (request, reply) => answerThumbnail(request, reply, deps));
    }
    route("GET", "/zip", (request, reply) => answerSharedZip(request, reply, deps));
    done();
  });
}

async function answerLink(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const share = await deps.shares.open(visitOf(request));
  return share.folder === undefined
    ? answerFilePage(request, reply, deps)
    : answerFolder(request, reply, deps);
}

async function answerFilePage(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const visit = visitOf(request);
  const { link } = await deps.shares.lookAt(visit);
  const shared = await deps.shares.file(visit, request.params.key);
  const text = await deps.shares.text(shared, abortedByClient(reply));
  const { file } = shared.bytes;
  const path = `${rootOf(request)}${request.params.key === undefined ? "" : `/files/${request.params.key}`}`;
  const up = request.params.key === undefined ? undefined : rootOf(request);
  const dropped = droppedAt(request, deps.config);
  await sendPage(request, reply, 200, filePage({ link, file, path, up, text, dropped }));
}

async function answerFolder(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const { after } = request.query;
  if (Array.isArray(after)) throw badInput("Give the place in the list once.", "after");
  const listing = await deps.shares.folder(visitOf(request), { key: request.params.key, after });
  await sendPage(request, reply, 200, folderPage(listing, rootOf(request), droppedAt(request, deps.config)));
}

/** The link's address, for whoever comes from the page for dropping files. */
function droppedAt(request: ShareRequest, config: HttpDeps["config"]): string | undefined {
  return request.query["dropped"] === undefined ? undefined : addressOf(request, config);
}

async function answerPassword(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const { body } = request;
  const password = body instanceof URLSearchParams ? body.get("password") : null;
  if (password === null) throw badInput("Send the password as a form.", "password");
  const pass = await deps.shares.unlock(visitOf(request), password);
  setCookie(reply, PASS_COOKIE, pass, rootOf(request), deps.config);
  await reply.redirect(rootOf(request), 303);
}

async function answerContent(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const visit = visitOf(request);
  const grant = cookieOf(request, DOWNLOAD_COOKIE);
  const shared = await deps.shares.file(visit, request.params.key, grant);
  const { bytes } = shared;
  const counted = {
    file: bytes.file,
    read: (range: { start: number; end: number }, signal: AbortSignal) =>
      delivered(request, reply, deps, shared, () => bytes.read(range, signal)),
  };
  await answerFile(request, reply, counted, request.query["inline"] === "1", deps);
}

async function answerSharedZip(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const shared = await deps.shares.zip(visitOf(request));
  const { bytes: zip } = shared;
  const read = (signal: AbortSignal) =>
    delivered(request, reply, deps, shared, () => Promise.resolve(zip.read(signal)));
  await answerZip(request, reply, { ...zip, read }, deps);
}

async function answerThumbnail(request: ShareRequest, reply: FastifyReply, deps: ShareDeps): Promise<void> {
  const size = sizeOf(request.query);
  const { file, webp } = await deps.shares.thumbnail(visitOf(request), request.params.key, size);
  const etag = `"${file.sha256 ?? ""}-${size}"`;
  await sendSmall(request, reply, { file, etag, type: "image/webp", body: webp }, deps);
}

/** Bytes that count as a download. The cookie for going on with it goes out with them. */
async function delivered<T>(
  request: ShareRequest,
  reply: FastifyReply,
  deps: ShareDeps,
  shared: SharedBytes<T>,
  open: Parameters<HttpDeps["shares"]["deliver"]>[3],
) {
  const continuation: Continuation = {
    grant: cookieOf(request, DOWNLOAD_COOKIE),
    isRanged: request.headers.range !== undefined,
  };
  const { bytes, grant } = await deps.shares.deliver(shared, visitOf(request), continuation, open);
  const path = request.url.split("?", 1)[0] ?? "";
  setCookie(reply, DOWNLOAD_COOKIE, grant, path, deps.config);
  return bytes;
}

/** Whoever looks with a browser gets a page that says what is wrong, and the form when a password is missing. */
async function refusingInWords(request: ShareRequest, reply: FastifyReply, answer: Answer): Promise<void> {
  try {
    await answer(request, reply);
  } catch (error) {
    // Whoever got no bytes has nothing to go on with.
    if (!reply.raw.headersSent) reply.removeHeader("set-cookie");
    const isPage = request.headers.accept?.includes("text/html") ?? false;
    if (!(error instanceof AppError) || !isPage || reply.raw.headersSent || reply.raw.destroyed) throw error;
    withRetryAfter(reply, error);
    const status = ERROR_STATUS[error.code];
    if (error.code === "UNAUTHENTICATED" || error.code === "RATE_LIMITED") {
      const problem = request.method === "POST" ? error.message : undefined;
      return sendPage(request, reply, status, passwordPage(rootOf(request), problem));
    }
    await sendPage(request, reply, status, problemPage(STATUS_CODES[status] ?? "Error", error.message));
  }
}

export async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  text: string,
): Promise<void> {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": SHARE_PAGE_POLICY,
    "cache-control": "no-store",
    "content-length": String(Buffer.byteLength(text)),
  };
  await reply
    .code(status)
    .headers(headers)
    .send(request.method === "HEAD" ? undefined : text);
}

function visitOf(request: ShareRequest): Visit {
  return { token: request.params.token, address: request.ip, pass: cookieOf(request, PASS_COOKIE) };
}

function rootOf(request: ShareRequest): string {
  return `/s/${encodeURIComponent(request.params.token)}`;
}

/** As the visitor reached it, unless one is set. */
function addressOf(request: ShareRequest, { http }: HttpDeps["config"]): string {
  return `${http.publicUrl ?? `${request.protocol}://${request.host}`}${rootOf(request)}`;
}

function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const cookies = (request.headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** For this link's pages, or this download, only; never shown to a script, never sent from another site. */
function setCookie(
  reply: FastifyReply,
  name: string,
  { value, seconds }: Grant,
  path: string,
  config: HttpDeps["config"],
): void {
  const secure = config.http.publicUrl?.startsWith("https:") ? "; Secure" : "";
  const rules = `Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  reply.header("set-cookie", `${name}=${value}; ${rules}`);
}
