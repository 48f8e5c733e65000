import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import path from "node:path";

/** The file that the demo carries through Telestash. */
export interface Source {
  readonly path: string;
  readonly name: string;
  readonly size: number;
}

export function sourceAt(file: string): Source {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`${file} does not exist.`);
  if (!stat.isFile()) throw new Error(`${file} is not a file.`);
  return { path: file, name: path.basename(file), size: stat.size };
}

/** Passes a stream's chunks on, counting and hashing them on the way. */
export class Meter {
  bytes = 0;
  readonly #hash = createHash("sha256");

  constructor(readonly onBytes: (bytes: number) => void = () => {}) {}

  async *through(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#hash.update(chunk);
      this.bytes += chunk.length;
      this.onBytes(this.bytes);
      yield chunk;
    }
  }

  sha256(): string {
    return this.#hash.digest("hex");
  }
}

export function read(source: Source): AsyncIterable<Buffer> {
  return createReadStream(source.path, { highWaterMark: 256 * 1024 });
}
