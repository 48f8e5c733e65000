import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import busboy from "busboy";
import { describe, expect, it } from "vitest";
import { BodyGate } from "./body-gate.js";
import { IncomingBody } from "./incoming-body.js";

const FILES = 400;
const FILE_BYTES = 20_000;
const CHUNK_BYTES = 64 * 1024;
const MOST_BYTES = 1024 * 1024;

/** A form with many small files, how much of it was read, and its files as they come. */
function aForm() {
  const parts = Array.from({ length: FILES }, (_, i) => [
    Buffer.from(`--b\r\ncontent-disposition: form-data; name="f"; filename="${i}"\r\n\r\n`),
    Buffer.alloc(FILE_BYTES, i),
    Buffer.from("\r\n"),
  ]);
  const bytes = Buffer.concat([...parts.flat(), Buffer.from("--b--\r\n")]);
  let read = 0;
  const request = new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      const chunk = bytes.subarray(read, read + CHUNK_BYTES);
      read += chunk.length;
      // A turn for each chunk, as a socket has them.
      setImmediate(() => this.push(chunk.length === 0 ? null : chunk));
    },
  });
  const parser = busboy({ headers: { "content-type": "multipart/form-data; boundary=b" } });
  const gate = new BodyGate(request, parser, MOST_BYTES);
  const come: IncomingBody[] = [];
  parser.on("file", (_name, file) => {
    const body = new IncomingBody(file, FILE_BYTES);
    gate.add(body);
    come.push(body);
  });
  request.pipe(parser);
  return { come, readBytes: () => read };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await new Promise((next) => setImmediate(next));
}

describe("files that nobody reads yet", () => {
  it("wait in memory up to a limit, and come on as they are read, each with its own bytes", async () => {
    const { come, readBytes } = aForm();

    await settled();
    const before = readBytes();
    const got: Buffer[] = [];
    for (let i = 0; i < FILES; i += 1) {
      while (come[i] === undefined) await settled();
      got.push(await buffer(come[i] as IncomingBody));
      expect(readBytes() - i * FILE_BYTES).toBeLessThan(MOST_BYTES + 6 * CHUNK_BYTES);
    }

    expect(before).toBeGreaterThan(MOST_BYTES / 2);
    expect(got.every((bytes, i) => bytes.equals(Buffer.alloc(FILE_BYTES, i)))).toBe(true);
  });

  it("are no hindrance to whoever reads the one that is coming in, nor when they are given up", async () => {
    const { come } = aForm();
    await settled();
    const last = come.at(-1);

    expect(await buffer(last as IncomingBody)).toHaveLength(FILE_BYTES);
    for (let i = 0; i < FILES; i += 1) {
      while (come[i] === undefined) await settled();
      come[i]?.destroy();
    }
    await settled();

    expect(come).toHaveLength(FILES);
  });
});
