import type { UsageStore } from "../auth/auth.ports.js";
import type { File } from "../files/file.js";
import type { FileStore } from "../files/files.ports.js";
import type { ShareLinkStore } from "../files/share.ports.js";
import { isAnonymous } from "../kernel/anonymous.js";
import { AppError, toldAfter, toldOf } from "../kernel/errors.js";
import type { Told } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import { keeping } from "../kernel/keeping.js";
import type { Logger } from "../kernel/log.js";
import type { TransferError } from "../kernel/progress.js";
import type { TransferStore } from "../transfers/transfers.ports.js";
import type { DisposalService } from "../vault/disposal.service.js";
import type { BlobStore } from "../vault/vault.ports.js";
import type { FileArchive, FolderArchive, PurgeStore, UserArchive } from "./archives.ports.js";
import type { BulkRunStore } from "./bulk-run.ports.js";
import { purgeRetryMs } from "./purge.js";
import type { Purge } from "./purge.js";
import type { PurgeService } from "./purge.service.js";

const LEASE_MS = 30_000;
/** Files in a folder or of a user are purged one by one: so often it is looked whether they are gone. */
const LOOK_AGAIN_MS = 1_000;
const PER_PAGE = 100;
/** What is handed over is not refused. */
const NO_LIMIT = { bytes: Infinity, files: Infinity };

/** How a try ended that did not finish the purge. */
type Pending = { nextTryMs: number; error?: undefined } | { error: TransferError; hasProgressed?: boolean };

/** Works through purges. Each step may be repeated: after a crash everything begins again and finds it done. */
export class PurgeWorker {
  constructor(
    private readonly purges: PurgeStore,
    private readonly archives: { files: FileArchive; folders: FolderArchive; users: UserArchive },
    private readonly opener: Pick<PurgeService, "open">,
    private readonly bytes: {
      blobs: Pick<BlobStore, "release" | "find" | "markStored" | "requestRepair">;
      disposal: Pick<DisposalService, "dispose">;
    },
    private readonly rest: {
      files: Pick<FileStore, "find" | "giveUp" | "markCounted">;
      transfers: Pick<TransferStore, "removeOfFile">;
      usage: Pick<UsageStore, "reserve" | "count" | "takeAway">;
      shareLinks: Pick<ShareLinkStore, "removeTo" | "removeAllOf">;
      bulkRuns: Pick<BulkRunStore, "removeAllOf">;
      log: Logger;
    },
  ) {}

  /** Works on a purge if it is due and nobody else does. Survives running twice. */
  async run(purgeId: string, signal: AbortSignal): Promise<void> {
    const run = newId();
    const purge = await this.purges.take(purgeId, run, LEASE_MS);
    if (purge === undefined) return;
    try {
      const pending = await keeping(
        () => this.purges.keep(purgeId, run, LEASE_MS),
        LEASE_MS,
        () => this.step(purge, run, signal),
      );
      if (pending === undefined) await this.purges.finish(purgeId, run);
      else await this.postpone(purge, run, pending);
    } catch (error) {
      this.rest.log.warn({ purgeId, err: error }, "a purge did not finish; it is tried again");
      if (signal.aborted) await this.purges.postpone(purgeId, run, 0);
      else await this.postpone(purge, run, { error: explain(error) });
    }
  }

  private async postpone(purge: Purge, run: string, pending: Pending): Promise<void> {
    if (pending.error === undefined) {
      await this.purges.postpone(purge.id, run, pending.nextTryMs);
      return;
    }
    // What goes on, bit by bit, as fast as the chats let it, is not put off for longer and longer.
    const fruitless = pending.hasProgressed === true ? 0 : purge.fruitless + 1;
    const delayMs = purgeRetryMs(fruitless);
    const nextTryAt = new Date(Date.now() + delayMs);
    await this.purges.postpone(purge.id, run, delayMs, {
      error: { ...pending.error, nextTryAt },
      fruitless,
    });
  }

  private step(purge: Purge, run: string, signal: AbortSignal): Promise<Pending | undefined> {
    switch (purge.kind) {
      case "FILE":
        return this.purgeFile(purge, run, signal);
      case "FOLDER":
        return this.purgeFolder(purge, run, signal);
      case "USER":
        return this.purgeUser(purge, run, signal);
    }
  }

  private async purgeFile(purge: Purge, run: string, signal: AbortSignal): Promise<Pending | undefined> {
    const file = await this.rest.files.find(purge.id);
    if (file === undefined) return undefined;
    if (file.state === "RECEIVING") {
      // The upload's own sweep removes what arrived of it.
      await this.rest.files.giveUp(file.id, "now");
      return { nextTryMs: LOOK_AGAIN_MS };
    }
    await this.rest.transfers.removeOfFile(file.id);
    const { removed: before } = await this.purges.countMessages(purge.id);
    const reason = await this.removeBytes(purge.id, file.blobId, run, signal);
    if (reason !== undefined) {
      const { removed } = await this.purges.countMessages(purge.id);
      return { error: { code: "UNAVAILABLE", ...reason }, hasProgressed: removed > before };
    }
    await this.removeLinks(file.ownerId, [file.id]);
    await this.uncount(file);
    await this.archives.files.remove(file.id);
    return undefined;
  }

  /** @returns why something is left */
  private async removeBytes(
    purgeId: string,
    blobId: string,
    run: string,
    signal: AbortSignal,
  ): Promise<Told | undefined> {
    const isLast = await this.bytes.blobs.release(blobId, purgeId);
    if (!isLast) {
      await this.leaveToOthers(blobId);
      return undefined;
    }
    try {
      const reason = await this.bytes.disposal.dispose(
        blobId,
        (verdicts) => this.purges.recordMessages(purgeId, verdicts),
        signal,
        (left) => this.count(purgeId, run, left),
      );
      // One that a try did not remove may have been removed by another, or by a sweep.
      if (reason === undefined) await this.purges.markAllRemoved(purgeId);
      return reason;
    } finally {
      await this.count(purgeId, run);
    }
  }

  /** The transfer that still made copies went with the file: repairs make them for those who hold the bytes now. */
  private async leaveToOthers(blobId: string): Promise<void> {
    const blob = await this.bytes.blobs.find(blobId);
    if (blob === undefined || blob.storedAt !== undefined) return;
    await this.bytes.blobs.markStored(blobId);
    await this.bytes.blobs.requestRepair(blobId);
  }

  /** @param left copies that no try has reached yet */
  private async count(purgeId: string, run: string, left = 0): Promise<void> {
    const { all, removed } = await this.purges.countMessages(purgeId);
    await this.purges.setCounts(purgeId, run, { copies: Math.max(all, removed + left), removed });
  }

  /** A file that is not counted yet is counted first, so that each is taken away exactly once. */
  private async uncount({ id, ownerId, sizeBytes }: File): Promise<void> {
    await this.rest.usage.count(ownerId, id, sizeBytes);
    await this.rest.usage.takeAway(ownerId, id, sizeBytes);
  }

  private async purgeFolder(purge: Purge, run: string, signal: AbortSignal): Promise<Pending | undefined> {
    const pending = await this.purgeFilesOf({ folderId: purge.id }, purge, run, signal);
    if (pending !== undefined) return pending;
    await this.removeLinks(purge.ownerId, await this.archives.folders.treeOf(purge.id));
    await this.archives.folders.removeTree(purge.id);
    return undefined;
  }

  /** The link to what came without an account is all that its sender has, and goes on saying that its time is over. */
  private async removeLinks(ownerId: string, targetIds: readonly string[]): Promise<void> {
    if (!isAnonymous(ownerId)) await this.rest.shareLinks.removeTo(targetIds);
  }

  private async purgeUser(purge: Purge, run: string, signal: AbortSignal): Promise<Pending | undefined> {
    const { folders, users } = this.archives;
    if (purge.handOverTo !== undefined) {
      const [heir] = await users.findMany([purge.handOverTo]);
      if (heir === undefined || heir.archivedAt !== undefined) {
        return {
          error: {
            code: "CONFLICT",
            message: "Whoever should get the files is not an active user any more.",
          },
        };
      }
      await folders.handOver(purge.id, heir.id);
      await this.handOverFiles(purge.id, heir.id, signal);
    }
    const pending = await this.purgeFilesOf({ ownerId: purge.id }, purge, run, signal);
    if (pending !== undefined) return pending;
    // Also those to what was handed over: whoever has it now did not make them.
    await this.rest.shareLinks.removeAllOf(purge.id);
    await this.rest.bulkRuns.removeAllOf(purge.id);
    await folders.removeAllOf(purge.id);
    await users.remove(purge.id);
    return undefined;
  }

  /** The heir's room is reserved before a file is theirs: then whoever finds it uncounted counts it once. */
  private async handOverFiles(from: string, to: string, signal: AbortSignal): Promise<void> {
    const { files } = this.archives;
    const { usage } = this.rest;
    for (;;) {
      signal.throwIfAborted();
      const page = await files.heldBy(from, PER_PAGE);
      for (const { id, sizeBytes } of page)
        await usage.reserve(to, { key: id, neededBytes: 0, wantedBytes: sizeBytes }, NO_LIMIT);
      if (page.length === 0) break;
      await files.handOver(
        page.map(({ id }) => id),
        from,
        to,
      );
    }
    for (;;) {
      const page = await files.uncountedOf(to, PER_PAGE);
      if (page.length === 0) return;
      for (const { id, sizeBytes } of page) {
        await usage.count(to, id, sizeBytes);
        await this.rest.files.markCounted(id);
      }
    }
  }

  /** Begins a purge for each file, and waits until they are gone. */
  private async purgeFilesOf(
    of: { folderId: string } | { ownerId: string },
    purge: Purge,
    run: string,
    signal: AbortSignal,
  ): Promise<Pending | undefined> {
    const { files } = this.archives;
    await files.markAllPurging(of, purge.id);
    for (;;) {
      signal.throwIfAborted();
      const page = await files.unopened({ parentId: purge.id }, PER_PAGE);
      if (page.length === 0) break;
      await this.opener.open("FILE", page, files);
    }
    const { failed, why, ...counts } = await this.purges.sums(purge.id);
    await this.purges.setCounts(purge.id, run, counts);
    if ((await files.countOf(of)) === 0) return undefined;
    if (failed === 0) return { nextTryMs: LOOK_AGAIN_MS };
    const what = `${failed} files could not be removed yet. They are tried again by themselves.`;
    const told = why === undefined ? { message: what } : toldAfter(what, why);
    return { error: { code: "UNAVAILABLE", ...told } };
  }
}

/** Only texts made for people: whatever else was thrown stays in the log. */
function explain(error: unknown): TransferError {
  if (error instanceof AppError) return { code: error.code, ...toldOf(error) };
  return {
    code: "INTERNAL_SERVER_ERROR",
    message: "The purge failed inside Telestash; the server's log says why.",
  };
}
