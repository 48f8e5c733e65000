import type { QuotaService } from "../auth/quota.service.js";
import type { AuditTrail } from "../kernel/audit.js";
import { isAnonymous } from "../kernel/anonymous.js";
import type { Viewer } from "../kernel/context.js";
import { conflict, unavailable } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { Logger } from "../kernel/log.js";
import type { BlobStore } from "../vault/vault.ports.js";
import type { FilePlaceService } from "./file-place.service.js";
import type { File } from "./file.js";
import type { FileStore } from "./files.ports.js";
import type { NameConflict } from "./place.js";
import type { UnfinishedFiles } from "./unfinished-files.service.js";

const LEASE_MS = 60_000;

/** Where a copy goes. */
interface Target {
  folderId: string | undefined;
  /** Under which whoever tries again finds what was tried before. */
  key?: string;
}

/**
 * Makes second files of the same bytes: nothing is moved or stored twice. A copy begins as an upload does, hidden from
 * nobody but unfinished, and becomes one of the blob's holders before it is a file like any other: what dies half-way is
 * removed as an unfinished upload is, and a purge of the original at the same moment either leaves the bytes to the copy
 * or refuses it.
 */
export class FileCopyService {
  constructor(
    private readonly stores: { files: FileStore; blobs: Pick<BlobStore, "acquire"> },
    private readonly places: FilePlaceService,
    private readonly unfinished: UnfinishedFiles,
    private readonly quotas: QuotaService,
    private readonly audit: AuditTrail,
    private readonly log: Logger,
  ) {}

  /**
   * Copies files into a folder, or to the top. Each copy belongs to the original's owner and is counted as a file.
   * @throws AppError NOT_FOUND for a foreign file or folder; CONFLICT when one is not stored yet or archived, when the
   * folder is archived, and (FAIL) when a name is taken: nothing is copied then; QUOTA_EXCEEDED stops before the first
   * that does not fit
   */
  async copy(
    viewer: Viewer,
    ids: readonly string[],
    folderId: string | undefined,
    onConflict: NameConflict,
  ): Promise<File[]> {
    const files = await this.places.changeable(viewer, ids);
    await this.places.assertTakes(viewer, folderId, files);
    for (const file of files) {
      if (!isWhole(file)) throw conflict(`“${file.name}” is not stored yet. Copy it when it is.`, "ids");
    }
    if (onConflict === "FAIL") await this.places.assertFree(files, folderId);
    const copies: File[] = [];
    for (const file of files) {
      // A copy that replaced its own original would be no copy.
      const policy = onConflict === "REPLACE" && file.folderId === folderId ? "RENAME" : onConflict;
      const copy = await this.make(viewer, file, { folderId }, policy);
      await this.tell(viewer, file, copy);
      copies.push(copy);
    }
    return copies;
  }

  /**
   * Copies one file under a given key into a folder of its owner; where its name is taken it gets a number. Safe to
   * repeat, and at the same time as others: an earlier try is given up, and each makes a file of its own, so what is
   * still being removed of one is nothing of the next.
   * @throws AppError CONFLICT when it is not stored yet or being purged, or the folder is archived; QUOTA_EXCEEDED;
   * UNAVAILABLE when another try is under way
   */
  async copyAs(viewer: Viewer, original: File, to: Required<Target>): Promise<void> {
    const before = await this.triedBefore(original, to);
    if (before !== undefined && before.state !== "RECEIVING") return;
    if (before !== undefined) await this.unfinished.remove(before);
    if (!isWhole(original)) throw conflict(`“${original.name}” is not stored yet. Copy it when it is.`);
    try {
      await this.make(viewer, original, to, "RENAME");
    } catch (error) {
      if ((await this.triedBefore(original, to)) === undefined) throw error;
      throw unavailable("Somebody else makes this copy right now. Try again.");
    }
  }

  private triedBefore({ ownerId }: File, { key }: Required<Target>): Promise<File | undefined> {
    return this.stores.files.findUpload(ownerId, key);
  }

  private async make(
    viewer: Viewer,
    original: File,
    { folderId, key: uploadKey }: Target,
    policy: NameConflict,
  ): Promise<File> {
    const { ownerId, mimeType, name, sizeBytes, expiresAt, blobId } = original;
    // What came without an account is held to its limits when it comes; only administrators copy it.
    const isCounted = !isAnonymous(ownerId);
    if (isCounted) await this.quotas.assertRoom(ownerId, { bytes: sizeBytes, files: 1 });
    const id = newId();
    try {
      const fresh = { id, name, mimeType, ownerId, folderId, expiresAt, blobId, uploadKey };
      await this.places.createNamed(fresh, policy, LEASE_MS);
      // After the file is there: whoever tries again after a crash finds it, and gives the room back with it.
      if (isCounted) await this.quotas.reserve({ userId: ownerId }, id, { declaredBytes: sizeBytes });
      const copy = await this.fill(id, original, viewer, folderId);
      await this.count(copy);
      return await this.places.settleSoon(copy);
    } catch (error) {
      await this.unfinished.remove({ id, blobId, ownerId });
      throw error;
    }
  }

  /** The file is recorded before it holds the blob: a holder that never came to be would keep the bytes for ever. */
  private async fill(
    id: string,
    original: File,
    viewer: Viewer,
    folderId: string | undefined,
  ): Promise<File> {
    const { blobId, sizeBytes, sha256 = "", mimeType } = original;
    if (!(await this.stores.blobs.acquire(blobId, id))) {
      throw conflict(`“${original.name}” is being purged, or has as many copies as can be kept.`, "ids");
    }
    const now = await this.stores.files.find(original.id);
    const state = now !== undefined && isWhole(now) ? now.state : original.state;
    // After the file is there: whoever archives the folder meanwhile finds it, or is found here.
    await this.places.assertTakes(viewer, folderId, [original]);
    const copy = await this.stores.files.markReceived(id, { sizeBytes, sha256, mimeType, state });
    if (copy !== undefined) return copy;
    throw unavailable("Copying took too long and was given up. Try again.");
  }

  /** The copy is there: a sweep counts it if this does not. */
  private async count(copy: File): Promise<void> {
    try {
      await this.quotas.count(copy);
      await this.stores.files.markCounted(copy.id);
    } catch (error) {
      this.log.warn({ fileId: copy.id, err: error }, "a copy is counted a little later");
    }
  }

  /** What owners do with their own files is nobody else's concern. */
  private async tell(viewer: Viewer, original: File, copy: File): Promise<void> {
    if (viewer.kind === "user" && viewer.userId === original.ownerId) return;
    await this.audit.record(viewer, {
      action: "file.copied",
      target: { kind: "file", id: original.id, name: original.name },
      after: { copyId: copy.id, folderId: copy.folderId ?? null },
    });
  }
}

function isWhole({ state }: File): boolean {
  return state === "STORED" || state === "DEGRADED";
}
