import type { Readable } from "node:stream";
import { fileTypeFromBuffer } from "file-type";
import mime from "mime-types";
import type { Authenticator } from "../auth/authenticator.js";
import type { Allowance, QuotaService, SizeHint } from "../auth/quota.service.js";
import { turnsOf } from "../kernel/anonymous.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { withEach } from "../kernel/each.js";
import { AppError, badInput, notFound, unauthenticated, unavailable } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import { keeping } from "../kernel/keeping.js";
import type { Logger } from "../kernel/log.js";
import { toldTo } from "../kernel/telling.js";
import type { IngestService } from "../vault/ingest.service.js";
import type { FilePlaceService } from "./file-place.service.js";
import type { File } from "./file.js";
import type { FileStore, TransferQueue } from "./files.ports.js";
import type { FailedUpload, Folder } from "./folder.js";
import type { FolderService } from "./folder.service.js";
import { cleanName, splitPath } from "./names.js";
import type { NameConflict } from "./place.js";
import type { UnfinishedFiles } from "./unfinished-files.service.js";

/** An upload shows this often that it lives; unseen for the lease, its remains are removed. */
const LEASE_MS = 60_000;
const PER_SWEEP = 100;

/** An upload without an account: until when its files stay, and what holds it to its limits. */
export interface Drop {
  expiresAt: Date;
  /** As `QuotaService.reserve`. @throws AppError RATE_LIMITED, FILE_TOO_LARGE */
  reserve(fileId: string, hint: SizeHint): Promise<Allowance>;
  /** Gives back what a file was charged, as its upload failed. */
  release(fileId: string): Promise<void>;
}

export interface UploadRequest {
  name: string;
  folderId?: string | undefined;
  mimeType?: string | undefined;
  /** Lower-case hex; the upload is refused when the bytes differ. */
  sha256?: string | undefined;
  /** The client's name for this upload: tried again because no answer came, it is not stored twice. */
  uploadKey?: string | undefined;
  declaredBytes?: number | undefined;
  /** The file cannot have more, as the whole request has no more. */
  mostBytes?: number | undefined;
  /** Told once all bytes were read, and no more room is reserved than they take. */
  onRead?: () => void;
  /** When another file has that name there: RENAME unless told. REPLACE archives that one once the bytes are here. */
  onConflict?: NameConflict | undefined;
  drop?: Drop | undefined;
}

/** A folder for a batch. */
export interface BatchRequest {
  /** Of a new one. */
  folderName: string;
  /** One that is there, and goes on being filled. */
  folderId?: string | undefined;
  drop?: Drop | undefined;
  /** The folder a new one is made in; undefined: at the top. */
  parentId?: string | undefined;
  /** All its files together cannot have more. */
  mostBytes?: number | undefined;
}

/** One file of a batch that is on its way, and its relative path where that was sent before it. */
export interface PendingItem {
  path: string | undefined;
  item: Promise<BatchItem>;
}

/** One file of a batch: its relative path, and its bytes once they arrive. */
export interface BatchItem {
  path: string;
  mimeType: string | undefined;
  open(): Readable;
}

/** Takes files in: name and folder checked first, bytes staged, transfer queued. */
export class UploadService {
  constructor(
    private readonly files: FileStore,
    private readonly folders: FolderService,
    private readonly ingest: IngestService,
    private readonly transfers: TransferQueue,
    private readonly places: Pick<FilePlaceService, "createNamed" | "settleSoon">,
    private readonly account: {
      quotas: QuotaService;
      authenticator: Pick<Authenticator, "assertStillSignedIn">;
    },
    private readonly unfinished: UnfinishedFiles,
    private readonly log: Logger,
  ) {}

  /**
   * Refuses what cannot be stored, before it is sent.
   * @throws AppError UNAUTHENTICATED, FILE_TOO_LARGE, QUOTA_EXCEEDED
   */
  async admit(viewer: Viewer, hint: SizeHint): Promise<void> {
    if (viewer.kind !== "user") throw unauthenticated();
    await this.account.quotas.admit(viewer, hint);
  }

  /**
   * Stores one file. Answers once its bytes are staged, whole and accounted for; whatever fails, nothing of it stays.
   * With the key of an upload that is done it answers with its file, and with that of one under way ends that one.
   * @throws AppError UNAUTHENTICATED (also when the session ends before the bytes do), BAD_USER_INPUT, NOT_FOUND (folder),
   * CONFLICT (archived folder, taken name), FILE_TOO_LARGE, QUOTA_EXCEEDED, UNAVAILABLE
   */
  async receive(viewer: Viewer, request: UploadRequest, body: Readable, signal: AbortSignal): Promise<File> {
    if (viewer.kind !== "user") throw unauthenticated();
    const name = cleanName(request.name, "name");
    if (request.folderId !== undefined) await this.folders.getOpen(viewer, request.folderId);
    const before = await this.triedBefore(viewer, request.uploadKey);
    if (before !== undefined) {
      body.on("error", () => undefined).resume();
      return before;
    }
    return this.store(viewer, { ...request, name }, body, signal);
  }

  /**
   * What an upload of the viewer with this key made; undefined when nothing, or when it is still under way.
   * @throws AppError BAD_USER_INPUT for what is no key
   */
  async uploaded(viewer: Viewer, uploadKey: string): Promise<File | undefined> {
    if (viewer.kind !== "user") throw unauthenticated();
    const file = await this.files.findUpload(viewer.userId, checkedKey(uploadKey));
    return file === undefined || file.purgingAt || file.state === "RECEIVING" ? undefined : file;
  }

  /**
   * Stores a batch into a new folder, or one that an earlier batch began, making the folders of the paths that are not
   * there. A bad file fails alone and is listed with the folder, until a later batch brings it. All bodies are read at
   * once: they arrive in the order in which the client sends them, not in ours.
   * @throws AppError UNAUTHENTICATED; BAD_USER_INPUT for the name; NOT_FOUND, CONFLICT (archived) for the folder or parent
   */
  async receiveBatch(
    viewer: Viewer,
    { mostBytes, drop, ...request }: BatchRequest,
    items: readonly PendingItem[],
    signal: AbortSignal,
  ): Promise<Folder> {
    if (viewer.kind !== "user") throw unauthenticated();
    const root = await this.rootOf(viewer, { ...request, expiresAt: drop?.expiresAt });
    const tree = this.folders.tree(viewer, root);
    const failures: FailedUpload[] = [];
    const received: string[] = [];
    // One reserves room for a size that nobody knows yet: the next one waits until it gave back what it did not need.
    let before = Promise.resolve();
    await Promise.all(
      items.map(async (pending, i) => {
        let path = pending.path ?? `file ${i + 1}`;
        let onRead: () => void = () => undefined;
        try {
          const item = await pending.item;
          path = item.path;
          const body = item.open();
          const turn = before;
          before = new Promise((resolve) => (onRead = resolve));
          await turn;
          await this.receiveMember(viewer, tree, { ...item, mostBytes, drop, onRead }, body, signal).catch(
            (error: unknown) => {
              // The bodies share one request: the next one comes only after this one was read.
              body.on("error", () => undefined).resume();
              throw error;
            },
          );
          received.push(path);
        } catch (error) {
          failures.push({ path, ...this.explain(viewer, error) });
        } finally {
          onRead();
        }
      }),
    );
    if (root.failedUploads.length > 0) await this.folders.dropFailures(root, received);
    if (failures.length > 0) await this.folders.addFailures(root, failures);
    return { ...root, failedUploads: failures };
  }

  /** Removes what uploads left behind that failed or whose process died, and counts what one stored before it died. */
  async sweep(signal: AbortSignal): Promise<void> {
    await withEach(await this.files.uncounted(PER_SWEEP), (file) => this.count(file), signal);
    await this.account.quotas.sweep(PER_SWEEP, (ids) => this.files.findMany(ids));
    // Last, for it may wait for what is outside.
    for (const { id } of await this.files.abandoned(PER_SWEEP)) {
      signal.throwIfAborted();
      await this.unfinished.removeAbandoned(id, signal);
    }
  }

  /** Ends an earlier try that is still under way: whoever tries again has given it up. */
  private async triedBefore(
    { userId }: SignedInViewer,
    uploadKey: string | undefined,
  ): Promise<File | undefined> {
    if (uploadKey === undefined) return undefined;
    for (;;) {
      const file = await this.files.findUpload(userId, checkedKey(uploadKey));
      if (file?.state !== "RECEIVING") return file;
      await this.unfinished.remove(file);
    }
  }

  private async rootOf(
    viewer: SignedInViewer,
    { folderId, folderName, parentId, expiresAt }: BatchRequest & { expiresAt: Date | undefined },
  ): Promise<Folder> {
    if (folderId === undefined) return this.folders.create(viewer, { name: folderName, parentId, expiresAt });
    const folder = await this.folders.getOpen(viewer, folderId);
    // What is uploaded is the viewer's, and a folder has its owner's alone.
    if (folder.ownerId !== viewer.userId) throw notFound("Folder");
    return folder;
  }

  private async receiveMember(
    viewer: SignedInViewer,
    tree: (folders: readonly string[]) => Promise<string>,
    { path, mimeType, ...known }: BatchItem & Pick<UploadRequest, "mostBytes" | "drop" | "onRead">,
    body: Readable,
    signal: AbortSignal,
  ): Promise<File> {
    const { folders, name } = splitPath(path, "paths");
    const folderId = await tree(folders);
    return this.store(viewer, { ...known, name, folderId, mimeType }, body, signal);
  }

  private async store(
    viewer: SignedInViewer,
    request: UploadRequest,
    body: Readable,
    signal: AbortSignal,
  ): Promise<File> {
    const [id, blobId] = [newId(), newId()];
    const declared = request.mimeType ?? (mime.lookup(request.name) || "application/octet-stream");
    const { name, folderId, drop, onConflict = "RENAME", uploadKey } = request;
    const { userId: ownerId } = viewer;
    const expiresAt = drop?.expiresAt;
    const fresh = { id, name, mimeType: declared, ownerId, folderId, blobId, expiresAt, uploadKey };
    const allowance = await (drop?.reserve(id, request) ?? this.account.quotas.reserve(viewer, id, request));
    try {
      await this.places.createNamed(fresh, onConflict, LEASE_MS);
    } catch (error) {
      await (drop?.release(id) ?? this.account.quotas.release(ownerId, id));
      throw error;
    }
    let file: File;
    const ended = new AbortController();
    try {
      file = await keeping(
        async () => {
          await this.files.keepReceiving(id, LEASE_MS);
          await this.stillWanted(viewer, drop).catch((why: unknown) => {
            if (why instanceof AppError && why.code === "UNAUTHENTICATED") ended.abort(why);
          });
        },
        LEASE_MS,
        () =>
          this.take(
            viewer,
            { id, blobId, declared, request, allowance },
            body,
            AbortSignal.any([signal, ended.signal]),
          ),
      );
    } catch (error) {
      await this.unfinished.remove({ id, blobId, ownerId });
      await drop?.release(id);
      throw error;
    }
    await this.begin(file);
    return this.places.settleSoon(file);
  }

  /** Stages the bytes, records their transfer, and makes the file one that is there: in this order, for crashes. */
  private async take(
    viewer: SignedInViewer,
    upload: { id: string; blobId: string; declared: string; request: UploadRequest; allowance: Allowance },
    body: Readable,
    signal: AbortSignal,
  ): Promise<File> {
    const { id, blobId, declared, request, allowance } = upload;
    if (request.folderId !== undefined) await this.folders.getOpen(viewer, request.folderId);
    const cover = (bytes: number): Promise<void> => allowance.cover(bytes);
    const trim = async (bytes: number): Promise<void> => {
      await allowance.trim(bytes);
      request.onRead?.();
    };
    const staged = await this.ingest.receive(body, { ...request, blobId, holder: id, cover, trim }, signal);
    await this.stillWanted(viewer, request.drop);
    const { sizeBytes, sha256, partsTotal } = staged;
    const bytes = { blobId, sizeBytes, partsTotal };
    const ownerId = turnsOf(viewer.userId);
    const transferId = await this.transfers.enqueue({ fileId: id, ownerId, ...bytes });
    const mimeType = await typeOf(staged.head, declared, request.name);
    const state = sizeBytes === 0 ? "STORED" : "STAGED";
    const facts = { sizeBytes, sha256, transferId, mimeType, state } as const;
    const file = await this.files.markReceived(id, facts);
    if (file !== undefined) return file;
    throw unavailable("The upload took too long to finish and was given up. Upload again.");
  }

  /** An upload ends with its session: nobody is to find more of an account that was archived, or a device signed out. */
  private async stillWanted(viewer: SignedInViewer, drop: Drop | undefined): Promise<void> {
    // Whoever drops something has no session.
    if (drop === undefined) await this.account.authenticator.assertStillSignedIn(viewer);
  }

  /** The bytes are safe by now: what fails here is done by a sweep, and is no reason to refuse them. */
  private async begin(file: File): Promise<void> {
    try {
      await this.count(file);
      if (file.transferId !== undefined) await this.transfers.begin(file.transferId);
    } catch (error) {
      this.log.warn({ fileId: file.id, err: error }, "an upload is counted or moved a little later");
    }
  }

  private async count(file: File): Promise<void> {
    await this.account.quotas.count(file);
    await this.files.markCounted(file.id);
  }

  private explain(viewer: Viewer, error: unknown): { code: string; message: string } {
    if (error instanceof AppError) return { code: error.code, message: toldTo(viewer, error) };
    this.log.error({ err: error }, "a file of a batch failed");
    return { code: "INTERNAL_SERVER_ERROR", message: "This file could not be stored. Upload it again." };
  }
}

function checkedKey(uploadKey: string): string {
  if (/^[\w-]{16,64}$/.test(uploadKey)) return uploadKey;
  throw badInput("An upload's key is 16 to 64 letters, digits, - or _. Make one up for each.", "uploadKey");
}

/** As its first bytes say; where they say nothing, as it was declared. */
async function typeOf(head: Uint8Array, declared: string, name: string): Promise<string> {
  const found = (await fileTypeFromBuffer(head))?.mime ?? declared;
  if (found !== "audio/mpeg") return found;
  // The mark that texts in UTF-16 begin with looks like a frame of MPEG audio.
  const isText = (type: string | false): type is string => type !== false && type.startsWith("text/");
  return [declared, mime.lookup(name)].find(isText) ?? found;
}
