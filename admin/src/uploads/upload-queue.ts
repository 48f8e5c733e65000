import type { UploadedFileFragment, UploadedFolderFragment } from "../generated/graphql.js";
import { codeOf, isUnanswered, messageOf } from "../providers/errors.js";
import { newUploadKey, sizeOf } from "../providers/upload-source.js";
import type { NamedFile, NamedFolder, UploadTry, UploadWatcher } from "../providers/upload-source.js";
import type { Unfinished, UnfinishedMemory } from "./unfinished.js";

const AT_ONCE = 2;
const HOLD_MS = { first: 2_000, longest: 30_000 };

/**
 * `staging`: every byte has left the browser and the server is putting the last of them away. `interrupted`: the page was
 * left meanwhile, so the bytes have to be chosen again.
 */
export type UploadState = "waiting" | "sending" | "staging" | "done" | "failed" | "cancelled" | "interrupted";

export type UploadSource =
  | { kind: "file"; file: File; folderId: string | undefined }
  | { kind: "folder"; files: readonly NamedFile[]; folderId: string | undefined }
  | { kind: "lost"; was: "file" | "folder"; folderId: string | undefined };

export interface Upload {
  id: number;
  name: string;
  size: number;
  source: UploadSource;
  state: UploadState;
  sent: number;
  /** Since it began to be sent. */
  bytesPerSecond?: number;
  error?: string;
  /** Its last try got no answer: nobody knows what became of it. The next one comes by itself. */
  isUnanswered?: boolean;
  /** By which the server knows one upload, however often it is tried. */
  key: string;
  file?: UploadedFileFragment;
  folder?: UploadedFolderFragment;
  /** The folder that it made: whatever interrupts it, it goes on there. */
  madeId?: string;
}

export interface Uploader {
  uploadFile(
    file: File,
    folderId: string | undefined,
    watcher: UploadWatcher,
    which: UploadTry,
  ): Promise<UploadedFileFragment>;
  uploadFolder(folder: NamedFolder, watcher: UploadWatcher): Promise<UploadedFolderFragment>;
}

/**
 * What was dropped or chosen, sent two at a time. One failure leaves the others alone. While the server does not answer, all
 * of it waits, and goes on by itself.
 */
export class UploadQueue {
  #uploads: readonly Upload[] = [];
  #nextId = 1;
  readonly #running = new Map<number, AbortController>();
  readonly #listeners = new Set<() => void>();
  #hold: ReturnType<typeof setTimeout> | undefined;
  #holds = 0;

  constructor(
    private readonly uploader: Uploader,
    private readonly onDone: (upload: Upload) => void,
    private readonly memory: UnfinishedMemory,
  ) {
    for (const { name, size, kind, folderId, madeId, key = newUploadKey() } of memory.load()) {
      const source = { kind: "lost", was: kind, folderId } as const;
      const made = madeId === undefined ? {} : { madeId };
      this.#uploads = [
        ...this.#uploads,
        { id: this.#nextId++, name, size, source, state: "interrupted", sent: 0, key, ...made },
      ];
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The same array until something changes, as React wants it. */
  readonly list = (): readonly Upload[] => this.#uploads;

  get isBusy(): boolean {
    return this.#uploads.some(({ state }) => isUnderWay(state));
  }

  addFiles(files: readonly File[], folderId?: string): void {
    for (const file of files) this.#add(file.name, file.size, { kind: "file", file, folderId });
  }

  addFolder(name: string, files: readonly NamedFile[], folderId?: string): void {
    this.#add(name, sizeOf(files), { kind: "folder", files, folderId });
  }

  cancel(id: number): void {
    this.#running.get(id)?.abort();
    this.#change(id, { state: "cancelled" });
    this.#next();
  }

  retry(id: number): void {
    this.#change(id, { state: "waiting", sent: 0 });
    this.#next();
  }

  /** What failed, once more. */
  retryFailed(): void {
    for (const { id, state } of this.#uploads) if (state === "failed") this.retry(id);
  }

  /** The network is back: there is nothing to wait for. */
  readonly goOn = (): void => {
    clearTimeout(this.#hold);
    this.#hold = undefined;
    this.#next();
  };

  /** The bytes of an interrupted upload: a file, or the files of a folder. */
  chooseAgain(id: number, bytes: File | readonly NamedFile[]): void {
    const { source, name, size } = this.#uploads.find((upload) => upload.id === id) ?? {};
    const folderId = source?.folderId;
    if (bytes instanceof File) {
      const isSame = bytes.name === name && bytes.size === size;
      const which = isSame ? { isUnanswered: true } : { name: bytes.name, key: newUploadKey() };
      this.#change(id, { source: { kind: "file", file: bytes, folderId }, size: bytes.size, ...which });
    } else {
      this.#change(id, { source: { kind: "folder", files: bytes, folderId }, size: sizeOf(bytes) });
    }
    this.retry(id);
  }

  clearSettled(): void {
    this.#uploads = this.#uploads.filter(({ state }) => isUnderWay(state));
    this.#remember();
    this.#tell();
  }

  /**
   * Ends what is under way: nobody is there to see it any more.
   * @param isForgotten otherwise whoever comes back is told what was interrupted
   */
  close(isForgotten: boolean): void {
    if (isForgotten) this.memory.save([]);
    for (const running of this.#running.values()) running.abort();
    clearTimeout(this.#hold);
    this.#hold = undefined;
    this.#uploads = [];
    this.#tell();
  }

  #add(name: string, size: number, source: UploadSource): void {
    const fresh = { id: this.#nextId++, name, size, source, state: "waiting", sent: 0, key: newUploadKey() };
    this.#uploads = [...this.#uploads, fresh as Upload];
    this.#remember();
    this.#tell();
    this.#next();
  }

  #next(): void {
    if (this.#hold !== undefined) return;
    const waiting = this.#uploads.filter(({ state }) => state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE - this.#running.size))) void this.#run(upload);
  }

  async #run(upload: Upload): Promise<void> {
    const { id } = upload;
    const abort = new AbortController();
    this.#running.set(id, abort);
    this.#change(id, { state: "sending" });
    try {
      const result = await this.#send(upload, abort.signal);
      this.#holds = 0;
      this.#change(id, { state: "done", sent: upload.size, isUnanswered: false, ...result });
      const done = this.#uploads.find((candidate) => candidate.id === id);
      if (done) this.onDone(done);
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(id, error);
    } finally {
      // Cancelled and begun anew meanwhile, it is another one's place.
      if (this.#running.get(id) === abort) this.#running.delete(id);
      this.#next();
    }
  }

  #failed(id: number, error: unknown): void {
    // Signed out, one comes back for it.
    if (isUnanswered(error) || codeOf(error) === "UNAUTHENTICATED") {
      this.#change(id, { state: "waiting", sent: 0, isUnanswered: true });
      if (this.#hold !== undefined) return;
      this.#hold = setTimeout(this.goOn, Math.min(HOLD_MS.first * 2 ** this.#holds, HOLD_MS.longest));
      this.#holds += 1;
    } else {
      this.#holds = 0;
      this.#change(id, { state: "failed", error: messageOf(error) });
    }
  }

  async #send(
    { id, name, size, source, madeId, key, isUnanswered: isAgain = false }: Upload,
    signal: AbortSignal,
  ): Promise<Pick<Upload, "file" | "folder">> {
    const began = performance.now();
    const onSent = (bytes: number, total: number) => {
      if (signal.aborted) return;
      const bytesPerSecond = (1000 * bytes) / Math.max(1, performance.now() - began);
      const state = bytes < total ? "sending" : "staging";
      this.#change(id, { sent: Math.min(bytes, size), bytesPerSecond, state });
    };
    const { kind, folderId } = source;
    if (kind === "lost") throw new Error("The bytes of this upload have to be chosen again.");
    if (kind === "file") {
      const watcher = { onSent, signal };
      return { file: await this.uploader.uploadFile(source.file, folderId, watcher, { key, isAgain }) };
    }
    const made = madeId === undefined ? {} : { madeId };
    const folder = { name, parentId: folderId, files: source.files, ...made };
    const onFolder = (folderMade: string) => this.#change(id, { madeId: folderMade });
    return { folder: await this.uploader.uploadFolder(folder, { onSent, onFolder, signal }) };
  }

  #change(id: number, change: Partial<Upload>): void {
    // What was closed has nothing to tell any more, and nothing to remember.
    if (!this.#uploads.some((upload) => upload.id === id)) return;
    this.#uploads = this.#uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
    if (change.state !== undefined || change.madeId !== undefined) this.#remember();
    this.#tell();
  }

  #remember(): void {
    const unfinished = this.#uploads.filter(({ state }) => isUnderWay(state) || state === "interrupted");
    this.memory.save(unfinished.map(asUnfinished));
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function asUnfinished({ name, size, source, madeId, key }: Upload): Unfinished {
  const { folderId } = source;
  const kind = source.kind === "lost" ? source.was : source.kind;
  const where = { ...(folderId !== undefined && { folderId }), ...(madeId !== undefined && { madeId }) };
  return { name, size, kind, key, ...where };
}

export function isUnderWay(state: UploadState): boolean {
  return state === "waiting" || state === "sending" || state === "staging";
}
