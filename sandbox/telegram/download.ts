import { createReadStream } from "node:fs";
import type { ServerResponse } from "node:http";
import { ApiError } from "./api-error.js";
import type { Line } from "./bandwidth.js";
import type { Exchange } from "./exchange.js";
import type { Links } from "./links.js";
import type { Settings } from "./settings.js";
import type { Store, StoredFile } from "./store.js";

const CHUNK_BYTES = 1 << 18;

interface Source {
  store: Store;
  links: Links;
  settings: () => Settings;
  lines: () => readonly Line[];
  onBytes(count: number): void;
}

/** `GET /file/bot<token>/<path>`: the bytes of a document, from a link that getFile made. */
export async function download(exchange: Exchange, bot: string, path: string, source: Source): Promise<void> {
  const file = source.links.find(bot, path);
  exchange.chats = file === undefined ? [] : source.store.chatsShowing(file.number);
  exchange.strike();
  await exchange.beforeWork();
  exchange.refuseIfBusy();
  if (exchange.fault("stalePath")) source.links.forget(bot, path);
  if (file === undefined || exchange.fault("stalePath")) throw new ApiError(404, "Not Found");

  const range = source.settings().range ? rangeOf(exchange.request.headers.range, file.size) : undefined;
  if (range === "unsatisfiable") {
    exchange.response.writeHead(416, { "Content-Range": `bytes */${file.size}`, "Content-Length": 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  exchange.response.writeHead(range ? 206 : 200, {
    "Content-Type": "application/octet-stream",
    "Content-Length": end - start + 1,
    ...(range ? { "Content-Range": `bytes ${start}-${end}/${file.size}` } : {}),
    ...(source.settings().range ? { "Accept-Ranges": "bytes" } : {}),
  });
  if (exchange.request.method === "HEAD") exchange.response.end();
  else await sendBytes(exchange, file, { start, end }, source);
}

async function sendBytes(
  exchange: Exchange,
  file: StoredFile,
  { start, end }: { start: number; end: number },
  source: Source,
): Promise<void> {
  const { response } = exchange;
  const stopAfter = stopAfterBytes(exchange, end - start + 1);
  const lines = source.lines();
  const highWaterMark = Math.min(CHUNK_BYTES, ...lines.map((line) => line.pieceBytes));
  const bytes = createReadStream(source.store.pathOf(file.number), { start, end, highWaterMark });
  response.flushHeaders();
  let flip = exchange.fault("corrupt") !== undefined;
  let sent = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    if (response.destroyed) return;
    if (flip) {
      flipBit(chunk);
      flip = false;
    }
    const piece = chunk.subarray(0, stopAfter - sent);
    await Promise.all(lines.map((line) => line.pass(piece.length)));
    sent += piece.length;
    source.onBytes(piece.length);
    if (!response.write(piece)) await drained(response);
    if (sent >= stopAfter) break;
  }
  if (stopAfter > end - start) response.end();
  else if (exchange.fault("resetMidBody")) exchange.cut();
  else exchange.request.socket.destroySoon();
}

function stopAfterBytes(exchange: Exchange, wanted: number): number {
  if (exchange.fault("truncateResponse")) return wanted >> 1;
  const cut = exchange.fault("truncate") ?? exchange.fault("resetMidBody");
  return cut === undefined ? wanted : Math.min(wanted, cut.bytes ?? wanted >> 1);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    if (response.destroyed) resolve();
    else response.on("drain", go).on("close", go);
  });
}

/** Turns one bit of a chunk over, in its middle. */
export function flipBit(chunk: Buffer): void {
  const at = chunk.length >> 1;
  chunk[at] = (chunk[at] ?? 0) ^ 1;
}

function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") return { start: Math.max(0, size - Number(last)), end: size - 1 };
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size) return "unsatisfiable";
  return start > end ? undefined : { start, end };
}
