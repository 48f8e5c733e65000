import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Drive } from "../../sandbox/drive/server.js";
import { GoogleDrive } from "../../server/adapters/drive/google-drive.js";
import type { GoogleDriveOptions } from "../../server/adapters/drive/google-drive.js";
import type { Logger } from "../../server/kernel/log.js";
import type { StagedUpload, StagingArea } from "../../server/vault/vault.ports.js";

export const BLOCK = 256 * 1024;
export const signal = new AbortController().signal;
export const logged: unknown[] = [];
const record = (fields: object, message: string): void => void logged.push(fields, message);
export const log: Logger = { debug: record, info: record, warn: record, error: record };

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

export async function read(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function writeAll(upload: StagedUpload, bytes: Buffer, step = 65_000): Promise<void> {
  for (let at = 0; at < bytes.length; at += step) await upload.write(bytes.subarray(at, at + step));
}

export async function stage(area: StagingArea, bytes: Buffer): Promise<string> {
  const upload = area.begin("a-blob", signal);
  await writeAll(upload, bytes);
  const { stagedId } = await upload.commit(sha256(bytes));
  return stagedId;
}

export const whole = (bytes: Buffer) => ({ start: 0, end: bytes.length - 1 });

/** Impatient, with pieces of one block, so that small files meet every step. */
export function onSandbox(drive: Drive, options: Partial<GoogleDriveOptions> = {}): GoogleDrive {
  const { clientId, clientSecret, refreshToken, url, tokenUrl } = drive;
  const access = { clientId, clientSecret, refreshToken, apiRoot: url, tokenUrl, log };
  return new GoogleDrive({
    ...access,
    pieceBytes: BLOCK,
    pauseMs: 2,
    patienceMs: 5000,
    idleMs: 1000,
    ...options,
  });
}
