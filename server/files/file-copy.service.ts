import type { QuotaService } from "../auth/quota.service.js";
import type { AuditTrail } from "../kernel/audit.js";
import { isAnonymous } from "../kernel/anonymous.js";
import type { Viewer } from "../kernel/context.js";
import { conflict, unavailable } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { Logger } from "../kernel/log.js";
import type { DisposalService } from "../vault/disposal.service.js";
import type { BlobStore } from "../vault/vault.ports.js";
import type { FilePlaceService } from "./file-place.service.js";
import type { File } from "./file.js";
import type { FileStore } from "./files.ports.js";
import type { NameConflict } from "./place.js";

const LEASE_MS = 60_000;
const CLEAN_UP_MS = 15_000;

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
    private readonly disposal: Pick<DisposalService, "discard">,
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
      const copy = await this.make(viewer, file, { id: newId(), folderId }, policy);
      await this.tell(viewer, file, copy);
      copies.push(copy);
    }
    return copies;
  }

  /**
   * Copies one file under a given id into a folder of its owner; where its name is taken it gets a number. Safe to repeat.
   * @throws AppError CONFLICT when it is not stored yet or being purged, or the folder is archived; QUOTA_EXCEEDED
   */
  async copyAs(viewer: Viewer, original: File, to: { id: string; folderId: string }): Promise<void> {
    const before = await this.stores.files.find(to.id);
    if (before !== undefined && before.state !== "RECEIVING") return;
    if (before !== undefined) await this.giveUp(to.id, original);
    if (!isWhole(original)) throw conflict(`“${original.name}” is not stored yet. Copy it when it is.`);
    await this.make(viewer, original, to, "RENAME");
  }

  private async make(
    viewer: Viewer,
    original: File,
    { id, folderId }: { id: string; folderId: string | undefined },
    policy: NameConflict,
  ): Promise<File> {
    const { ownerId, mimeType, name, expiresAt, blobId } = original;
    // What came without an account is held to its limits when it comes; only administrators copy it.
    if (!isAnonymous(ownerId)) {
      await this.quotas.reserve({ userId: ownerId }, id, { declaredBytes: original.sizeBytes });
    }
    try {
      await this.places.createNamed(
        { id, name, mimeType, ownerId, folderId, expiresAt, blobId },
        policy,
        LEASE_MS,
      );
      const copy = await this.fill(id, original, viewer, folderId);
      await this.count(copy);
      return await this.places.settleSoon(copy);
    } catch (error) {
      await this.giveUp(id, original);
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

  /** The file goes last: until then the sweep of unfinished uploads finds it. */
  private async giveUp(id: string, { blobId, ownerId }: File): Promise<void> {
    try {
      if ((await this.stores.files.giveUp(id, "now")) !== undefined) {
        await this.disposal.discard(blobId, id, AbortSignal.timeout(CLEAN_UP_MS));
      }
      await this.quotas.release(ownerId, id);
      await this.stores.files.removeGivenUp(id);
    } catch (error) {
      this.log.warn({ fileId: id, err: error }, "an unfinished copy is not removed yet; it is tried again");
    }
  }
}

function isWhole({ state }: File): boolean {
  return state === "STORED" || state === "DEGRADED";
}
