import { createHash, randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { ChatStore, LaneAddress, MessageLocation } from "../../server/vault/vault.ports.js";

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function aDocument(bytes = randomBytes(1000)): { name: string; caption: string; bytes: Buffer } {
  return { name: "part-0.bin", caption: "a caption", bytes };
}

export function firstLane(chat: ChatStore): LaneAddress {
  const [lane] = chat.lanes;
  if (lane === undefined) throw new Error("no lane");
  return lane;
}

export async function whole(chat: ChatStore, location: MessageLocation): Promise<Buffer> {
  return readAll(await chat.open(location, { start: 0, end: location.sizeBytes - 1 }, never));
}
