import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { Busboy } from "@fastify/busboy";
import type { BusboyFileStream, BusboyHeaders, BusboyInstance } from "@fastify/busboy";
import { badRequest, bodyTooLarge } from "./api-error.js";

/** A file that came in a request, on disk until a message takes it over. */
export interface Upload {
  fileName: string;
  path: string;
  size: number;
  sha256: string;
}

export interface Body {
  fields: Map<string, string>;
  uploads: Map<string, Upload>;
}

export interface BodyRules {
  maxBytes: number;
  incomingDir: string;
  /** Called for each parameter as soon as it is read, while the rest of the body may still be on its way. */
  onField(name: string, value: string): void;
  /** Called for each piece of the body; may wait (bandwidth) or throw (a fault). */
  onBytes(seenBytes: number, newBytes: number): Promise<void>;
  /** May change bytes on their way to the disk (a fault). */
  onFileChunk(chunk: Buffer): Buffer;
}

const MAX_SIMPLE_BODY_BYTES = 1 << 20;
const WRITE_AHEAD_BYTES = 1 << 20;
const FILE_AHEAD_BYTES = 1 << 18;

/** Reads a request's parameters: the query, and a JSON, urlencoded or multipart body, whose files go to disk. */
export async function readBody(
  request: IncomingMessage,
  query: URLSearchParams,
  rules: BodyRules,
): Promise<Body> {
  const body: Body = { fields: new Map(), uploads: new Map() };
  const set = (name: string, value: string): void => {
    body.fields.set(name, value);
    rules.onField(name, value);
  };
  for (const [name, value] of query) set(name, value);
  if (Number(request.headers["content-length"] ?? 0) > rules.maxBytes) throw bodyTooLarge();

  const type = (request.headers["content-type"] ?? "").toLowerCase();
  if (type.startsWith("multipart/form-data")) await readMultipart(request, body, set, rules);
  else await readSimple(request, type, set, rules);
  return body;
}

/** Removes uploads that no message took over. */
export async function discardUploads(body: Body): Promise<void> {
  await Promise.all([...body.uploads.values()].map(({ path }) => rm(path, { force: true })));
}

async function* pieces(request: IncomingMessage, rules: BodyRules): AsyncGenerator<Buffer> {
  let seen = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    seen += chunk.length;
    if (seen > rules.maxBytes) throw bodyTooLarge();
    await rules.onBytes(seen, chunk.length);
    yield chunk;
  }
}

async function readSimple(
  request: IncomingMessage,
  type: string,
  set: (name: string, value: string) => void,
  rules: BodyRules,
): Promise<void> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of pieces(request, rules)) {
    total += chunk.length;
    if (total > MAX_SIMPLE_BODY_BYTES) throw bodyTooLarge();
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (text === "") return;
  if (type.startsWith("application/json")) {
    for (const [name, value] of Object.entries(parseObject(text))) {
      if (value !== null) set(name, typeof value === "string" ? value : JSON.stringify(value));
    }
  } else if (type.startsWith("application/x-www-form-urlencoded")) {
    for (const [name, value] of new URLSearchParams(text)) set(name, value);
  }
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // answered below
  }
  throw badRequest("can't parse JSON object");
}

async function readMultipart(
  request: IncomingMessage,
  body: Body,
  set: (name: string, value: string) => void,
  rules: BodyRules,
): Promise<void> {
  const open: BusboyFileStream[] = [];
  const stored: Promise<void>[] = [];
  const parser = newParser(request);
  const finished = new Promise<void>((resolve, reject) => {
    parser.on("finish", resolve);
    // Stays for ever: a malformed body makes the parser emit a second error.
    parser.on("error", () => {
      reject(badRequest("can't parse multipart body"));
    });
    parser.on("file", (field, stream, fileName) => {
      open.push(stream);
      const done = storeUpload(stream, fileName, rules).then(
        (upload) => void body.uploads.set(field, upload),
      );
      done.catch(reject);
      stored.push(done);
    });
  });
  finished.catch(() => undefined);
  parser.on("field", set);

  try {
    for await (const piece of pieces(request, rules)) {
      if (!parser.write(piece)) await Promise.race([once(parser, "drain"), finished]);
    }
    parser.end();
    await finished;
    await Promise.all(stored);
  } catch (error) {
    for (const stream of open) stream.destroy(new Error("The body ended early."));
    await Promise.allSettled(stored);
    await discardUploads(body);
    throw error;
  }
}

function newParser(request: IncomingMessage): BusboyInstance {
  try {
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      preservePath: true,
      fileHwm: FILE_AHEAD_BYTES,
    });
  } catch {
    throw badRequest("can't parse multipart body");
  }
}

async function storeUpload(stream: BusboyFileStream, fileName: string, rules: BodyRules): Promise<Upload> {
  const path = join(rules.incomingDir, randomUUID());
  const hash = createHash("sha256");
  const out = createWriteStream(path, { highWaterMark: WRITE_AHEAD_BYTES });
  out.on("error", (error) => stream.destroy(error));
  let size = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      const chunk = rules.onFileChunk(piece);
      hash.update(chunk);
      size += chunk.length;
      if (!out.write(chunk)) await once(out, "drain");
    }
    out.end();
    await once(out, "close");
    return { fileName, path, size, sha256: hash.digest("hex") };
  } catch (error) {
    out.destroy();
    await rm(path, { force: true });
    throw error;
  }
}
