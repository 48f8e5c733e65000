import { setTimeout as delay } from "node:timers/promises";
import type { QuotaService } from "../auth/quota.service.js";
import { isAnonymous } from "../kernel/anonymous.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { badInput, conflict, notFound, unauthenticated, unavailable } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { FileStore, FolderPlaces, FolderStore, FolderTally } from "./files.ports.js";
import type { FolderCopyWorker } from "./folder-copy-worker.service.js";
import type { FolderCopy } from "./folder-copy.js";
import type { FolderCopyStore, NewFolderCopy } from "./folder-copy.ports.js";
import type { Folder } from "./folder.js";
import { folderNameTaken } from "./folder.service.js";
import type { FolderService } from "./folder.service.js";
import { freeName, nameKey } from "./names.js";
import type { NameConflict } from "./place.js";

const MAX_RUNNING = 100;
const PER_SWEEP = 20;
/** Each try is lost to somebody who took that very name in between. */
const MAX_TRIES = 200;
const BACK_OFF_MS = 40;

/**
 * Begins copies of folders with all that is in them. What is to be copied is written down first; the new folder is made
 * at once, and a worker fills it. Nothing is moved or stored twice: each file becomes a second file of the same bytes.
 */
export class FolderCopyService {
  constructor(
    private readonly stores: {
      copies: FolderCopyStore;
      folders: Pick<FolderStore, "namedIn" | "holderOf">;
      files: Pick<FileStore, "tally">;
      places: Pick<FolderPlaces, "chain">;
    },
    private readonly folders: FolderService,
    private readonly worker: Pick<FolderCopyWorker, "begin">,
    private readonly quotas: Pick<QuotaService, "assertRoom">,
    private readonly jobs: JobQueue,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Begins to copy all of these folders or none. Each copy belongs to the original's owner, and its files are counted.
   * @param parentId undefined: to the top
   * @param onConflict about folders of the same name there, without regard to case. REPLACE archives them once the
   * copy is complete
   * @returns the new folders, which fill up
   * @throws AppError NOT_FOUND when one is missing or foreign; BAD_USER_INPUT when one would lie in itself; CONFLICT when
   * one is archived, and (FAIL) when a name is taken; QUOTA_EXCEEDED when all their files together do not fit
   */
  async copy(
    viewer: Viewer,
    ids: readonly string[],
    parentId: string | undefined,
    onConflict: NameConflict,
  ): Promise<Folder[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    const folders = await this.folders.getAllOpen(viewer, ids);
    await this.assertTakes(viewer, parentId, folders);
    if ((await this.stores.copies.countRunning(viewer.userId)) + folders.length > MAX_RUNNING) {
      throw conflict(`${MAX_RUNNING} folders are copied for you at most at a time. Wait for one.`);
    }
    const tallies = await this.stores.files.tally(ids, false);
    await this.assertFit(folders, tallies);
    if (onConflict === "FAIL") await this.assertFree(folders, parentId);
    const made: Folder[] = [];
    for (const folder of folders) {
      const total = countOf(tallies.get(folder.id));
      made.push(await this.copyOne(viewer, folder, { parentId, onConflict, total }));
    }
    return made;
  }

  /** Wakes a worker for what is due: copies whose wake-up was lost, and those whose worker died. */
  async sweep(): Promise<void> {
    for (const copyId of await this.stores.copies.due(PER_SWEEP))
      await this.jobs.wake("folder.copy", { copyId });
  }

  private async copyOne(
    viewer: SignedInViewer,
    folder: Folder,
    {
      parentId,
      onConflict,
      total,
    }: { parentId: string | undefined; onConflict: NameConflict; total: number },
  ): Promise<Folder> {
    const { ownerId, expiresAt } = folder;
    const copy = await this.begun(folder, { parentId, onConflict }, (named) => ({
      ...{ id: newId(), sourceId: folder.id, ownerId, parentId, expiresAt, total, ...named },
      ...{ startedById: viewer.userId, address: viewer.address },
    }));
    await this.jobs.wake("folder.copy", { copyId: copy.id });
    if (viewer.userId !== ownerId) {
      await this.audit.record(viewer, {
        action: "folder.copied",
        target: { kind: "folder", id: folder.id, name: folder.name },
        after: { copyId: copy.id, parentId: parentId ?? null },
      });
    }
    return this.folders.get(viewer, copy.id);
  }

  /** Tries names until one is this copy's: others may take the one that was just free. */
  private async begun(
    folder: Folder,
    place: { parentId: string | undefined; onConflict: NameConflict },
    copyNamed: (named: { name: string; replaces: string[] }) => NewFolderCopy,
  ): Promise<FolderCopy> {
    for (let i = 0; i < MAX_TRIES; i += 1) {
      const copy = await this.stores.copies.create(copyNamed(await this.nameFor(folder, place)));
      const begun = copy === undefined ? "TAKEN" : await this.worker.begin(copy, folder.name);
      if (begun === undefined) {
        throw conflict("The folder was archived or removed at this moment. Choose another one.", "folderId");
      }
      if (begun !== "TAKEN") return begun;
      if (place.onConflict === "FAIL") throw folderNameTaken(folder.name, "onConflict");
      await delay(BACK_OFF_MS * Math.random());
    }
    throw unavailable("Too many copies want this name at this moment. Try again.");
  }

  private async nameFor(
    { id, ownerId, name }: Folder,
    { parentId, onConflict }: { parentId: string | undefined; onConflict: NameConflict },
  ): Promise<{ name: string; replaces: string[] }> {
    const { copies, folders } = this.stores;
    const holders = await folders.namedIn(ownerId, parentId, nameKey(name));
    // A copy that replaced its own original would be no copy.
    const isReplacing = onConflict === "REPLACE" && !holders.includes(id);
    if (isReplacing || onConflict === "FAIL") return { name, replaces: isReplacing ? holders : [] };
    const isTaken = async (candidate: string): Promise<boolean> =>
      (await folders.namedIn(ownerId, parentId, nameKey(candidate))).length > 0 ||
      (await folders.holderOf(ownerId, parentId, candidate)) !== undefined ||
      (await copies.isReserved(ownerId, parentId, candidate));
    return { name: (await isTaken(name)) ? await freeName(name, isTaken) : name, replaces: [] };
  }

  private async assertTakes(
    viewer: Viewer,
    parentId: string | undefined,
    folders: readonly Folder[],
  ): Promise<void> {
    if (parentId === undefined) return;
    const { ownerId } = await this.folders.getOpen(viewer, parentId);
    if (folders.some((folder) => folder.ownerId !== ownerId)) throw notFound("Folder");
    const above = await this.stores.places.chain(parentId);
    if (above.some((link) => folders.some(({ id }) => id === link.id))) {
      throw badInput("A folder cannot be copied into itself or into a folder that it contains.", "folderId");
    }
  }

  /** Whoever copies much learns now, and not half-way, that it does not fit. */
  private async assertFit(
    folders: readonly Folder[],
    tallies: ReadonlyMap<string, FolderTally>,
  ): Promise<void> {
    for (const ownerId of new Set(folders.map((folder) => folder.ownerId))) {
      if (isAnonymous(ownerId)) continue;
      const theirs = folders.filter((folder) => folder.ownerId === ownerId).map(({ id }) => tallies.get(id));
      const bytes = theirs.reduce((sum, tally) => sum + (tally?.sizeBytes ?? 0), 0);
      const files = theirs.reduce((sum, tally) => sum + countOf(tally), 0);
      if (files > 0) await this.quotas.assertRoom(ownerId, { bytes, files });
    }
  }

  private async assertFree(folders: readonly Folder[], parentId: string | undefined): Promise<void> {
    const wanted = new Set<string>();
    for (const { name, ownerId } of folders) {
      const holders = await this.stores.folders.namedIn(ownerId, parentId, nameKey(name));
      if (holders.length > 0 || wanted.has(nameKey(name))) throw folderNameTaken(name, "onConflict");
      wanted.add(nameKey(name));
    }
  }
}

function countOf(tally: FolderTally | undefined): number {
  return Object.values(tally?.files ?? {}).reduce((sum, count) => sum + count, 0);
}
