import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

import type { Call } from "./call.js";
import { GoogleError } from "./google-error.js";
import { findFile } from "./metadata.js";
import { Pacer } from "./pacer.js";

const READ_BYTES = 1024 * 1024;

/** GET ?alt=media: a file's bytes, or one range of them. */
export async function download(call: Call): Promise<void> {
  const { world, res } = call;
  const file = findFile(call);
  if (file.content === undefined) {
    throw new GoogleError(403, "fileNotDownloadable", "Only files with binary content can be downloaded.");
  }
  if (call.fault?.kind === "abusive" && call.query.get("acknowledgeAbuse") !== "true") {
    const message = "This file has been identified as malware or spam and cannot be downloaded.";
    throw new GoogleError(403, "cannotDownloadAbusiveFile", message);
  }
  const size = file.size ?? 0;
  const range = world.config.range ? rangeOf(call.req.headers.range, size) : undefined;
  const { start, end } = range ?? { start: 0, end: size - 1 };
  call.countAnswer(range === undefined ? 200 : 206);
  if (call.fault?.kind === "lostResponse") return void call.req.socket.destroy();
  res.writeHead(range === undefined ? 200 : 206, {
    "content-type": file.mimeType,
    "content-length": end - start + 1,
    "accept-ranges": "bytes",
    ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  if (size === 0) return void res.end();
  const bytes = createReadStream(world.store.pathOf(file.content), { start, end, highWaterMark: READ_BYTES });
  // A client that goes away in the middle is its own affair.
  await pipeline(bytes, (chunks: AsyncIterable<Buffer>) => pass(call, chunks), res).catch(() => undefined);
}

async function* pass(call: Call, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { world, fault } = call;
  const pacer = new Pacer(() => world.config.bandwidth.down?.perConnection);
  let left = fault?.kind === "truncate" ? (fault.bytes ?? 0) : Infinity;
  let first = true;
  for await (const chunk of chunks) {
    if (first && fault?.kind === "corrupt") chunk[0] = (chunk[0] ?? 0) ^ 1;
    first = false;
    if (chunk.length > left) {
      await new Promise((flushed) => call.res.write(chunk.subarray(0, left), flushed));
      call.req.socket.destroy();
      return;
    }
    left -= chunk.length;
    world.stats.bytesOut += chunk.length;
    await world.down.pass(chunk.length);
    await pacer.pass(chunk.length);
    yield chunk;
  }
}

/** One range as Drive reads it; what it does not understand it ignores. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const suffix = match[1] === "";
  const start = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = suffix || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (!suffix && match[2] !== "" && Number(match[2]) < start) return undefined;
  if (start >= size) {
    const headers = { "content-range": `bytes */${size}` };
    const place = { location: "Range", locationType: "header" };
    throw new GoogleError(
      416,
      "requestedRangeNotSatisfiable",
      "Request range not satisfiable",
      place,
      headers,
    );
  }
  return { start, end };
}
