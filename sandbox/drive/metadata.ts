import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

import type { Call } from "./call.js";
import { ABOUT_SHAPE, FILE_SHAPE, LIST_SHAPE, parseFields, select } from "./fields.js";
import type { Selection } from "./fields.js";
import { badRequest, fileNotFound, GoogleError, invalidParameter } from "./google-error.js";
import { parseQuery } from "./query.js";
import { FOLDER_TYPE, newId } from "./store.js";
import type { DriveFile, Session } from "./store.js";
import type { World } from "./world.js";

const DEFAULT_FILE = parseFields("kind,id,name,mimeType", FILE_SHAPE);

export function findFile(call: Call): DriveFile {
  const { store } = call.world;
  const file = store.files.get(call.fileId === "root" ? store.rootId : call.fileId);
  if (file === undefined) throw fileNotFound(call.fileId);
  return file;
}

export function getFile(call: Call): Promise<void> {
  return replyWithFile(call, findFile(call), call.query.get("fields") ?? undefined);
}

export async function updateFile(call: Call): Promise<void> {
  const { store } = call.world;
  const file = findFile(call);
  if (file.id === store.rootId) throw new GoogleError(403, "forbidden", "The root folder cannot be changed.");
  const body = checkBody(await call.readJson(), ["name", "trashed", "appProperties"]);
  const appProperties = Object.entries({ ...file.appProperties, ...(body.appProperties ?? {}) });
  const modifiedTime = new Date(call.world.now()).toISOString();
  const kept = appProperties.filter((entry): entry is [string, string] => entry[1] !== null);
  const changed: DriveFile = { ...file, modifiedTime, name: body.name ?? file.name };
  changed.trashed = body.trashed ?? file.trashed;
  if (kept.length > 0) changed.appProperties = Object.fromEntries(kept);
  else delete changed.appProperties;
  store.put(changed);
  await replyWithFile(call, changed, call.query.get("fields") ?? undefined);
}

export function deleteFile(call: Call): void {
  const file = findFile(call);
  if (file.id === call.world.store.rootId) {
    throw new GoogleError(403, "forbidden", "The root folder cannot be deleted.");
  }
  call.world.store.remove(file.id);
  call.reply(204, "");
}

export async function createFile(call: Call): Promise<void> {
  const { world } = call;
  const { id = newId(), ...metadata } = checkNewFile(
    world,
    await call.readJson(),
    "application/octet-stream",
  );
  const now = new Date(world.now()).toISOString();
  const file: DriveFile = { id, ...metadata, trashed: false, createdTime: now, modifiedTime: now };
  if (metadata.mimeType !== FOLDER_TYPE) throw badRequest("Only folders are created without content here.");
  world.store.put(file);
  await replyWithFile(call, file, call.query.get("fields") ?? undefined);
}

export async function listFiles(call: Call): Promise<void> {
  const { store } = call.world;
  const fields = parseFields(
    call.query.get("fields") ?? "kind,nextPageToken,incompleteSearch,files(kind,id,name,mimeType)",
    LIST_SHAPE,
  );
  const pageSize = Number(call.query.get("pageSize") ?? 100);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000) {
    throw invalidParameter(
      `Invalid value '${call.query.get("pageSize")}'. Values must be within the range: [1, 1000]`,
      "pageSize",
    );
  }
  const after = Buffer.from(call.query.get("pageToken") ?? "", "base64url").toString();
  const matches = parseQuery(call.query.get("q") ?? "", store.rootId);
  const found = [...store.files.values()]
    .filter((file) => file.id !== store.rootId && file.id > after && matches(file))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = found.slice(0, pageSize);
  const inner = fields.get("files");
  const files = await Promise.all(page.map((file) => resourceOf(call.world, file, inner ?? allFields())));
  const last = page.at(-1);
  const nextPageToken =
    last !== undefined && found.length > pageSize ? Buffer.from(last.id).toString("base64url") : undefined;
  call.json(200, select({ kind: "drive#fileList", nextPageToken, incompleteSearch: false, files }, fields));
}

export function generateIds(call: Call): void {
  const count = Number(call.query.get("count") ?? 10);
  if (!Number.isInteger(count) || count < 1 || count > 1000) throw invalidParameter("Invalid count", "count");
  const ids = Array.from({ length: count }, newId);
  call.json(200, { kind: "drive#generatedIds", space: "drive", ids });
}

export function about(call: Call): void {
  const fields = call.query.get("fields");
  if (fields === null) {
    throw new GoogleError(400, "required", "The 'fields' parameter is required for this method.", {
      location: "fields",
    });
  }
  const { store, config } = call.world;
  const trashed = [...store.files.values()].reduce(
    (sum, file) => sum + (file.trashed ? (file.size ?? 0) : 0),
    0,
  );
  const usage = String(store.usedBytes);
  const quota = { usage, usageInDrive: usage, usageInDriveTrash: String(trashed) };
  const isBounded = config.limits && config.storageBytes > 0;
  const resource = {
    kind: "drive#about",
    user: {
      kind: "drive#user",
      displayName: "Sandbox",
      emailAddress: "sandbox@example.com",
      me: true,
      permissionId: "1",
    },
    storageQuota: isBounded ? { limit: String(config.storageBytes), ...quota } : quota,
    maxUploadSize: String(5 * 2 ** 40),
  };
  call.json(200, select(resource, parseFields(fields, ABOUT_SHAPE)));
}

/** Checks the metadata of something new and fills in what Drive does. */
export function checkNewFile(
  world: World,
  body: Record<string, unknown>,
  mimeType: string,
): Session["metadata"] {
  const given = checkBody(body, ["id", "name", "mimeType", "parents", "appProperties"]);
  const { store } = world;
  const parents = (given.parents ?? ["root"]).map((id) => (id === "root" ? store.rootId : id));
  for (const parent of parents) if (!store.files.has(parent)) throw fileNotFound(parent);
  if (given.id !== undefined && store.files.has(given.id)) {
    throw new GoogleError(409, "fileIdInUse", "A file already exists with the provided ID.", {
      location: "id",
    });
  }
  return {
    ...(given.id === undefined ? {} : { id: given.id }),
    name: given.name ?? "Untitled",
    mimeType: given.mimeType ?? mimeType,
    parents,
    ...(given.appProperties === undefined
      ? {}
      : { appProperties: given.appProperties as Record<string, string> }),
  };
}

/** Answers with a file's resource, only the fields asked for; checksums cost a read only when asked for. */
export async function replyWithFile(call: Call, file: DriveFile, fields: string | undefined): Promise<void> {
  const selection = fields === undefined ? DEFAULT_FILE : parseFields(fields, FILE_SHAPE);
  call.json(200, select(await resourceOf(call.world, file, selection), selection));
}

interface Body {
  id?: string;
  name?: string;
  mimeType?: string;
  parents?: string[];
  trashed?: boolean;
  appProperties?: Record<string, string | null>;
}

const isText = (value: unknown): boolean => typeof value === "string";
const CHECKS: Record<keyof Body, (value: unknown) => boolean> = {
  id: (value) => typeof value === "string" && /^[\w-]{19,80}$/.test(value),
  name: isText,
  mimeType: isText,
  parents: (value) => Array.isArray(value) && value.length === 1 && value.every(isText),
  trashed: (value) => typeof value === "boolean",
  appProperties: (value) =>
    typeof value === "object" && value !== null && Object.values(value).every((v) => v === null || isText(v)),
};

function checkBody(body: Record<string, unknown>, known: readonly (keyof Body)[]): Body {
  for (const [name, value] of Object.entries(body)) {
    if (!known.includes(name as keyof Body)) {
      throw badRequest(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
    }
    if (!CHECKS[name as keyof Body](value))
      throw new GoogleError(400, "invalid", `Invalid value for: ${name}`);
  }
  return body;
}

function allFields(): Selection {
  return parseFields("*", FILE_SHAPE);
}

async function resourceOf(world: World, file: DriveFile, selection: Selection): Promise<object> {
  const { content, size, sha256, md5, ...resource } = file;
  if (content === undefined) return { kind: "drive#file", ...resource };
  const wanted = (field: string, known: string | undefined, algorithm: "sha256" | "md5") =>
    known ?? (selection.has(field) ? digestOf(world, file, algorithm) : undefined);
  return {
    kind: "drive#file",
    ...resource,
    size: String(size),
    sha256Checksum: await wanted("sha256Checksum", sha256, "sha256"),
    md5Checksum: await wanted("md5Checksum", md5, "md5"),
  };
}

async function digestOf(world: World, file: DriveFile, algorithm: "sha256" | "md5"): Promise<string> {
  const hash = createHash(algorithm);
  const bytes = createReadStream(world.store.pathOf(file.content ?? ""), { highWaterMark: 1024 * 1024 });
  for await (const chunk of bytes as AsyncIterable<Buffer>) hash.update(chunk);
  const digest = hash.digest("hex");
  const latest = world.store.files.get(file.id);
  if (latest !== undefined) world.store.put({ ...latest, [algorithm]: digest });
  return digest;
}
