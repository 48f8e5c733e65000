import type { PassThrough, Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { File } from "./file.js";
import type { ZipEntry } from "./zip.js";

/** So many files are looked up before it is their turn, and opened when they are no larger than this. */
const AHEAD = 4;
const OPENED_AHEAD_BYTES = 1024 * 1024;

/** From here on yazl 3.3.1 counts the long end record into its size, but writes it only when told to. */
const LONG_DIRECTORY_BYTES = 0xffff;
const DIRECTORY_ENTRY_BYTES = 46 + 9 + 28;

type Open = (file: File) => Promise<Readable>;

/** A zip without compression, whose size is known before a byte of its files is read. */
export class ZipStream {
  readonly sizeBytes: number;
  private readonly zip = new ZipFile();
  private begin: (open: Open) => void = () => undefined;

  constructor(entries: readonly ZipEntry[]) {
    const begun = new Promise<Open>((resolve) => (this.begin = resolve));
    const ahead = new Ahead(entries, begun);
    this.zip.outputStream.once("close", () => ahead.close());
    for (const [i, entry] of entries.entries()) this.add(entry, () => ahead.take(i));
    this.sizeBytes = sizeAfterEnd(this.zip, entries);
  }

  /**
   * The bytes, once. The stream errors when a file cannot be read to its end; whoever destroys it ends all reading.
   * @param open gives a file's bytes, all of them
   */
  read(open: Open): Readable {
    const output = this.zip.outputStream as PassThrough;
    this.zip.on("error", (error: Error) => output.destroy(error));
    this.begin(open);
    return output;
  }

  private add({ path, modifiedAt, file }: ZipEntry, take: () => Promise<Readable>): void {
    const mtime = modifiedAt;
    if (file === undefined) return this.zip.addEmptyDirectory(path, { mtime });
    const options = { mtime, compress: false };
    if (file.sizeBytes === 0) return this.zip.addBuffer(Buffer.alloc(0), path, options);
    this.zip.addReadStreamLazy(path, { ...options, size: file.sizeBytes }, (pump) => {
      take().then(
        (stream) => {
          stream.on("error", (error) => this.zip.emit("error", error));
          if (stream.errored) this.zip.emit("error", stream.errored);
          else pump(undefined, stream);
        },
        (error: unknown) => this.zip.emit("error", error),
      );
    });
  }
}

/** Looks the next files up while one is being read, and opens small ones: else each would cost a wait of its own. */
class Ahead {
  private readonly opened = new Map<number, Promise<Readable>>();
  private isClosed = false;

  constructor(
    private readonly entries: readonly ZipEntry[],
    private readonly begun: Promise<Open>,
  ) {}

  async take(i: number): Promise<Readable> {
    const open = await this.begun;
    for (let next = i; next <= i + AHEAD && !this.isClosed; next += 1) this.start(next, next > i, open);
    const stream = await this.opened.get(i);
    if (stream === undefined) throw new Error("The zip is not wanted any more.");
    stream.once("close", () => this.opened.delete(i));
    return stream;
  }

  close(): void {
    this.isClosed = true;
    for (const opening of this.opened.values()) {
      opening.then((stream) => stream.destroy()).catch(() => undefined);
    }
    this.opened.clear();
  }

  private start(i: number, isAhead: boolean, open: Open): void {
    const file = this.entries[i]?.file;
    if (file === undefined || file.sizeBytes === 0 || this.opened.has(i)) return;
    const opening = open(file).then((stream) => {
      // It may fail before it is asked for; whoever takes it looks.
      stream.on("error", () => undefined);
      if (this.isClosed) stream.destroy();
      else if (isAhead && file.sizeBytes <= OPENED_AHEAD_BYTES) stream.read(0);
      return stream;
    });
    opening.catch(() => undefined);
    this.opened.set(i, opening);
  }
}

function sizeAfterEnd(zip: ZipFile, entries: readonly ZipEntry[]): number {
  let directory = 0;
  for (const { path } of entries) directory += DIRECTORY_ENTRY_BYTES + Buffer.byteLength(path);
  let size = -1;
  // Its types do not know what it gives to the callback, at once since nothing is compressed.
  const end = zip.end.bind(zip) as (options: object, sized: (bytes: number) => void) => void;
  end({ forceZip64Format: directory >= LONG_DIRECTORY_BYTES }, (bytes) => (size = bytes));
  if (size < 0) throw new TypeError("The size of a zip must be known before it is read.");
  return size;
}
