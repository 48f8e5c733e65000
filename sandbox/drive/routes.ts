import type { IncomingMessage } from "node:http";

import type { Call } from "./call.js";
import { download } from "./download.js";
import type { Operation } from "./faults.js";
import { badRequest, GoogleError } from "./google-error.js";
import * as metadata from "./metadata.js";
import { token } from "./oauth.js";
import type { Uploads } from "./uploads.js";

/** One method of the API. */
export interface Route {
  readonly operation: Operation;
  /** Query options it knows, beside those all methods share. */
  readonly options: readonly string[];
  readonly auth: "bearer" | "session" | "none";
  handle(call: Call, uploads: Uploads): void | Promise<void>;
}

const FILE = ["supportsAllDrives"];
const UPLOAD = ["uploadType", "upload_id", ...FILE];
const UPLOAD_PATH = "/upload/drive/v3/files";
const put: Route["handle"] = (call, uploads) => uploads.put(call);

const ROUTES = {
  token: { operation: "token", options: [], auth: "none", handle: token },
  session: {
    operation: "session",
    options: UPLOAD,
    auth: "bearer",
    handle: (call, uploads) => uploads.open(call),
  },
  piece: { operation: "piece", options: UPLOAD, auth: "session", handle: put },
  status: { operation: "status", options: UPLOAD, auth: "session", handle: put },
  cancel: {
    operation: "cancel",
    options: UPLOAD,
    auth: "session",
    handle: (call, uploads) => uploads.cancel(call),
  },
  generateIds: {
    operation: "generateIds",
    options: ["count", "space"],
    auth: "bearer",
    handle: metadata.generateIds,
  },
  about: { operation: "about", options: [], auth: "bearer", handle: metadata.about },
  get: { operation: "get", options: FILE, auth: "bearer", handle: metadata.getFile },
  download: {
    operation: "download",
    options: [...FILE, "acknowledgeAbuse"],
    auth: "bearer",
    handle: download,
  },
  update: { operation: "update", options: FILE, auth: "bearer", handle: metadata.updateFile },
  delete: { operation: "delete", options: FILE, auth: "bearer", handle: metadata.deleteFile },
  create: { operation: "create", options: FILE, auth: "bearer", handle: metadata.createFile },
  list: {
    operation: "list",
    options: ["q", "pageSize", "pageToken", "spaces", "includeItemsFromAllDrives", ...FILE],
    auth: "bearer",
    handle: metadata.listFiles,
  },
} as const satisfies Record<Operation, Route>;

const SHARED_OPTIONS = ["fields", "alt", "prettyPrint"];

/** Finds the method a request means. @throws GoogleError when there is none */
export function routeOf(req: IncomingMessage, url: URL): { route: Route; fileId: string } {
  const key = `${req.method ?? ""} ${url.pathname}`;
  const fileId = /^\/drive\/v3\/files\/([\w-]+)$/.exec(url.pathname)?.[1] ?? "";
  const isStatus = req.headers["content-range"]?.startsWith("bytes */") === true;
  switch (key) {
    case "POST /token":
      return { route: ROUTES.token, fileId };
    case `POST ${UPLOAD_PATH}`:
      return { route: ROUTES.session, fileId };
    case `PUT ${UPLOAD_PATH}`:
      return { route: isStatus ? ROUTES.status : ROUTES.piece, fileId };
    case `DELETE ${UPLOAD_PATH}`:
      return { route: ROUTES.cancel, fileId };
    case "GET /drive/v3/files/generateIds":
      return { route: ROUTES.generateIds, fileId };
    case "GET /drive/v3/about":
      return { route: ROUTES.about, fileId };
    case "GET /drive/v3/files":
      return { route: ROUTES.list, fileId };
    case "POST /drive/v3/files":
      return { route: ROUTES.create, fileId };
  }
  if (fileId !== "") {
    if (req.method === "GET") {
      return { route: url.searchParams.get("alt") === "media" ? ROUTES.download : ROUTES.get, fileId };
    }
    if (req.method === "PATCH") return { route: ROUTES.update, fileId };
    if (req.method === "DELETE") return { route: ROUTES.delete, fileId };
  }
  throw new GoogleError(404, "notFound", "Not Found");
}

/** @throws GoogleError naming the first query option the method does not know */
export function checkOptions(route: Route, query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (![...SHARED_OPTIONS, ...route.options].includes(name)) {
      const message = `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`;
      throw badRequest(message, name);
    }
  }
  const alt = query.get("alt") ?? "json";
  if (alt !== "json" && !(alt === "media" && route.operation === "download")) {
    throw badRequest(`Invalid value "${alt}" for parameter alt.`, "alt");
  }
}
