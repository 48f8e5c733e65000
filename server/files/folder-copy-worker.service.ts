import { actorOf } from "../auth/actor.js";
import type { AccountStore } from "../auth/auth.ports.js";
import type { SignedInViewer } from "../kernel/context.js";
import { AppError } from "../kernel/errors.js";
import { idFrom, newId } from "../kernel/ids.js";
import { keeping } from "../kernel/keeping.js";
import type { Logger } from "../kernel/log.js";
import type { FolderStore, NewFolder } from "./files.ports.js";
import { pathOf } from "./folder-copy-files.service.js";
import type { CopiedFiles, FolderCopyFiles } from "./folder-copy-files.service.js";
import type { CopyStep, FolderCopy } from "./folder-copy.js";
import type { FolderCopyStore, FolderShelf } from "./folder-copy.ports.js";
import type { FailedUpload, Folder } from "./folder.js";
import type { FolderService } from "./folder.service.js";
import { nameKey } from "./names.js";

const LEASE_MS = 10_000;
const RETRY_MS = 5_000;
/** A folder's document lists what could not be copied; of more than this only the number is kept. */
const MAX_LISTED = 100;

/**
 * Fills the folders that are being copied, down into one folder after the other. Folders have ids
 * and files have keys that follow from the copy and the original: after a crash the same few are made again, and found to
 * be there. Files and folders that came into the original after the beginning are left out, so a copy that is moved into its own original has an end; files
 * that were still on their way to Telegram then are copied last, as soon as they are stored.
 */
export class FolderCopyWorker {
  constructor(
    private readonly stores: {
      copies: FolderCopyStore;
      folders: Pick<FolderStore, "create" | "find" | "remove" | "childAfter" | "addFailures" | "namedIn">;
    },
    private readonly folders: Pick<FolderService, "isOpen" | "make" | "settle">,
    private readonly files: FolderCopyFiles,
    private readonly shelf: FolderShelf,
    private readonly accounts: Pick<AccountStore, "find">,
    private readonly log: Logger,
  ) {}

  /**
   * Makes the folder that a copy is about. Safe to repeat, and at the same time as others.
   * @returns undefined when it has ended instead: the folder that it goes to is archived or gone; TAKEN when another
   * folder has its name there
   */
  async begin(copy: FolderCopy, name: string): Promise<FolderCopy | "TAKEN" | undefined> {
    const { id: toId, sourceId: fromId } = copy;
    const isTaken = copy.way === undefined && (await this.isTaken(copy));
    const made = isTaken ? "TAKEN" : await this.makeRoot(copy);
    if (made === "TAKEN") {
      await this.stores.copies.abandon(copy.id, "Another folder took its name.");
      return "TAKEN";
    }
    if (!made) {
      await this.stores.copies.abandon(copy.id, "The folder it was to go to is archived or gone.");
      return undefined;
    }
    return this.stores.copies.begin(copy.id, { fromId, toId, name, isAtFolders: false, cursor: undefined });
  }

  /** Works on a copy if it is due and nobody else does. Survives running twice. */
  async run(copyId: string, signal: AbortSignal): Promise<void> {
    const lease = newId();
    const copy = await this.stores.copies.take(copyId, lease, LEASE_MS);
    if (copy === undefined) return;
    try {
      await keeping(
        () => this.stores.copies.keep(copyId, lease, LEASE_MS),
        LEASE_MS,
        () => this.work(copy, lease, signal),
      );
    } catch (error) {
      if (!signal.aborted)
        this.log.warn({ copyId, err: error }, "a copy of a folder stopped; it goes on soon");
      await this.stores.copies.postpone(copyId, lease, signal.aborted ? 0 : RETRY_MS);
    }
  }

  private async work(begun: FolderCopy, lease: string, signal: AbortSignal): Promise<void> {
    for (let copy: FolderCopy | undefined = begun; copy !== undefined;) {
      signal.throwIfAborted();
      const actor = await actorOf(this.accounts, copy);
      if (actor === undefined) {
        return this.finish(copy, lease, "Whoever started it has no active account any more.");
      }
      if (copy.way === undefined) {
        const source = await this.stores.folders.find(copy.sourceId);
        const begun = await this.begin(copy, source?.name ?? copy.name);
        if (begun === undefined || begun === "TAKEN") return;
        // Begun ones are due for whoever comes: also for this one, under the lease it has.
        copy = await this.stores.copies.take(copy.id, lease, LEASE_MS);
        continue;
      }
      if (!(await this.folders.isOpen(copy.id))) {
        return this.finish(copy, lease, "The copy was archived before everything was in it.");
      }
      const step = copy.way.at(-1);
      if (step === undefined && copy.awaited.length > 0) {
        copy = await this.note(copy, lease, [], await this.files.copyAwaited(copy, actor));
        if (copy === undefined || copy.awaited.length === 0) continue;
        return this.stores.copies.postpone(copy.id, lease, RETRY_MS);
      }
      if (step === undefined) {
        if (copy.failed === 0) await this.replaceOthers(copy, actor);
        return this.finish(copy, lease);
      }
      copy = await (step.isAtFolders
        ? this.copyNextFolder(copy, step, lease)
        : this.copyFiles(copy, step, lease, actor));
    }
  }

  private async isTaken({ id, ownerId, parentId, name, replaces }: FolderCopy): Promise<boolean> {
    const holders = await this.stores.folders.namedIn(ownerId, parentId, nameKey(name));
    return !holders.includes(id) && holders.some((holder) => !replaces.includes(holder));
  }

  private async copyFiles(
    copy: FolderCopy,
    step: CopyStep,
    lease: string,
    actor: SignedInViewer,
  ): Promise<FolderCopy | undefined> {
    const copied = await this.files.copyMore(copy, step, actor);
    if (copied === undefined) {
      return this.goOn(copy, lease, { ...step, isAtFolders: true, cursor: undefined });
    }
    return this.note(copy, lease, [...above(copy), { ...step, cursor: copied.cursor }], copied);
  }

  private async note(
    copy: FolderCopy,
    lease: string,
    way: readonly CopyStep[],
    { done, failures, awaited }: CopiedFiles,
  ): Promise<FolderCopy | undefined> {
    await this.list(copy, failures);
    return this.stores.copies.advance(copy.id, lease, { way, done, failed: failures.length, awaited });
  }

  private async copyNextFolder(
    copy: FolderCopy,
    step: CopyStep,
    lease: string,
  ): Promise<FolderCopy | undefined> {
    const child = await this.stores.folders.childAfter(step.fromId, step.cursor);
    if (child === undefined)
      return this.stores.copies.advance(copy.id, lease, { way: above(copy), ...NOTHING });
    const past = { ...step, cursor: child.id };
    if (child.id === copy.id || child.createdAt > copy.startedAt) return this.goOn(copy, lease, past);
    const toId = idFrom(copy.id, child.id);
    const { name, ownerId, expiresAt } = child;
    const fresh = { id: toId, name, ownerId, parentId: step.toId, expiresAt };
    if ((await this.makeFolder(fresh, () => this.folders.make(fresh, "RENAME"))) !== true) {
      const message = "The folder it was to go to was archived or removed meanwhile.";
      await this.list(copy, [{ path: pathOf(copy, child.name), code: "CONFLICT", message }]);
      return this.stores.copies.advance(copy.id, lease, { way: [...above(copy), past], done: 0, failed: 1 });
    }
    const first = { fromId: child.id, toId, name: child.name, isAtFolders: false, cursor: undefined };
    return this.stores.copies.advance(copy.id, lease, { way: [...above(copy), past, first], ...NOTHING });
  }

  /** The folder itself; one that replaces others takes their place once it is complete. */
  private async makeRoot({ id, ...copy }: FolderCopy): Promise<boolean | "TAKEN"> {
    const { name, ownerId, parentId, expiresAt, replaces } = copy;
    const fresh = { id, name, ownerId, parentId, expiresAt };
    return this.makeFolder(fresh, () =>
      this.stores.folders.create(fresh, replaces.length === 0 ? "PLACE" : "NO_PLACE"),
    );
  }

  /**
   * Makes a folder unless it is there. What archives its parent meanwhile either sees it or is seen here.
   * @returns false when the parent is not open
   */
  private async makeFolder(
    { id, parentId }: NewFolder,
    make: () => Promise<Folder | "TAKEN">,
  ): Promise<boolean | "TAKEN"> {
    const isThere = async () => (await this.stores.folders.find(id)) !== undefined;
    if (await isThere()) return true;
    // Of two that make it at once, one may find its own folder in the other's way.
    if ((await make()) === "TAKEN" && !(await isThere())) return "TAKEN";
    if (parentId === undefined || (await this.folders.isOpen(parentId))) return true;
    await this.stores.folders.remove(id);
    return false;
  }

  private async finish(copy: FolderCopy, lease: string, stopped?: string): Promise<void> {
    await this.folders.settle(copy.id);
    await this.stores.copies.finish(copy.id, lease, stopped);
  }

  private goOn(copy: FolderCopy, lease: string, step: CopyStep): Promise<FolderCopy | undefined> {
    return this.stores.copies.advance(copy.id, lease, { way: [...above(copy), step], ...NOTHING });
  }

  private async list(copy: FolderCopy, failures: readonly FailedUpload[]): Promise<void> {
    const room = Math.max(0, MAX_LISTED - copy.failed);
    if (room > 0 && failures.length > 0) {
      await this.stores.folders.addFailures(copy.id, failures.slice(0, room));
    }
  }

  /** Only what still has that name there. */
  private async replaceOthers(copy: FolderCopy, actor: SignedInViewer): Promise<void> {
    for (const id of copy.replaces) {
      const other = await this.stores.folders.find(id);
      if (other?.parentId !== copy.parentId || nameKey(other?.name ?? "") !== nameKey(copy.name)) continue;
      await this.shelf
        .archive(actor, [id], "Replaced by a copy of another folder of this name.")
        .catch((error: unknown) => {
          if (!(error instanceof AppError && error.code === "NOT_FOUND")) throw error;
        });
    }
  }
}

const NOTHING = { done: 0, failed: 0 };

function above({ way = [] }: FolderCopy): CopyStep[] {
  return way.slice(0, -1);
}
