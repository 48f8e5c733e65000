import type { AuditTrail } from "../kernel/audit.js";
import type { Viewer } from "../kernel/context.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import { withEach } from "../kernel/each.js";
import { AppError, badInput, conflict, notFound, unauthenticated, unavailable } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import type { File } from "./file.js";
import type { FilePlaces, FileStore, NewFile } from "./files.ports.js";
import type { FolderService } from "./folder.service.js";
import { cleanName, freeName } from "./names.js";
import type { ClaimedFile, NameConflict, Place } from "./place.js";

const MAX_AT_ONCE = 1_000;
const PER_SWEEP = 50;
/** Each try is lost to somebody who took that very name in between. */
const MAX_TRIES = 200;

/** Renames and moves files. Two live files of one owner never have the same name in one folder, without regard to case. */
export class FilePlaceService {
  constructor(
    private readonly files: Pick<FileStore, "create" | "find" | "findMany">,
    private readonly places: FilePlaces,
    private readonly folders: FolderService,
    private readonly audit: AuditTrail,
    private readonly log: Logger,
  ) {}

  /**
   * Gives a file another name.
   * @throws AppError NOT_FOUND, BAD_USER_INPUT; CONFLICT while it is archived or uploaded, and when the name is taken
   */
  async rename(viewer: Viewer, id: string, newName: string, onConflict: NameConflict): Promise<File> {
    const [file] = await this.changeable(viewer, [id]);
    if (file === undefined) throw notFound("File");
    const name = cleanName(newName, "name");
    const renamed =
      onConflict === "FAIL"
        ? await this.places.rename(id, name)
        : await this.send(viewer, file, { name, folderId: file.folderId }, onConflict);
    if (renamed === undefined) throw changedMeanwhile();
    if (renamed === "TAKEN") throw nameTaken(name);
    await this.tell(viewer, "file.renamed", file, { name: file.name }, { name: renamed.name });
    return renamed;
  }

  /**
   * Moves all of these files, or none when one is not there, or (FAIL) a name is taken there. Somebody who takes a name
   * after that was looked at stops those that were not moved yet.
   * @param folderId undefined: to the top
   * @throws AppError NOT_FOUND; CONFLICT as for renaming, and when the folder is archived
   */
  async move(
    viewer: Viewer,
    ids: readonly string[],
    folderId: string | undefined,
    onConflict: NameConflict,
  ): Promise<File[]> {
    const files = await this.changeable(viewer, ids);
    await this.assertTakes(viewer, folderId, files);
    if (onConflict === "FAIL")
      await this.assertFree(
        files.filter((file) => file.folderId !== folderId),
        folderId,
      );
    const moved: File[] = [];
    for (const file of files) {
      const there = await this.send(viewer, file, { name: file.name, folderId }, onConflict);
      await this.tell(viewer, "file.moved", file, whereOf(file), whereOf(there));
      moved.push(there);
    }
    return moved;
  }

  /** Files that may be given another place: all or none. @throws AppError NOT_FOUND, CONFLICT */
  async changeable(viewer: Viewer, ids: readonly string[]): Promise<File[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    if (ids.length > MAX_AT_ONCE) throw badInput(`At most ${MAX_AT_ONCE} at once.`, "ids");
    const found = new Map((await this.files.findMany(ids)).map((file) => [file.id, file]));
    const files = [...new Set(ids)].map((id) => {
      const file = found.get(id);
      if (file === undefined || file.purgingAt || !ownsOrAdministers(viewer, file.ownerId))
        throw notFound("File");
      return file;
    });
    for (const file of files) {
      if (file.archivedAt) throw conflict(`“${file.name}” is archived. Restore it first.`, "ids");
      if (file.state === "RECEIVING") throw conflict(`“${file.name}” is still being uploaded.`, "ids");
    }
    return files;
  }

  /** @throws AppError NOT_FOUND when the folder is not their owner's; CONFLICT when it is archived */
  async assertTakes(viewer: Viewer, folderId: string | undefined, files: readonly File[]): Promise<void> {
    if (folderId === undefined) return;
    const { ownerId } = await this.folders.getOpen(viewer, folderId);
    if (files.some((file) => file.ownerId !== ownerId)) throw notFound("Folder");
  }

  /**
   * Records a file that is going to be filled, under its name or the next one that is free.
   * @throws AppError CONFLICT (FAIL) when the name is taken
   */
  async createNamed(file: NewFile, onConflict: NameConflict, leaseMs: number): Promise<void> {
    const right = onConflict === "REPLACE" ? "BY_REPLACING" : "FROM_THE_START";
    const { ownerId, folderId } = file;
    const isTaken = (name: string): Promise<boolean> => this.places.isTaken(ownerId, { name, folderId });
    let { name } = file;
    for (let i = 0; i < MAX_TRIES; i += 1) {
      if (await this.files.create({ ...file, name }, right, leaseMs)) return;
      if (onConflict === "FAIL") throw nameTaken(name);
      name = await freeName(file.name, isTaken);
    }
    throw tooBusy();
  }

  /**
   * Takes the place that a file has a claim to, from whoever has it when it is replacing; a file whose folder is
   * archived or gone by now goes to the top. Safe to repeat, and at the same time as others.
   * @returns undefined when it has no claim (any more)
   */
  async settle(fileId: string): Promise<File | undefined> {
    const claimed = await this.places.claimOf(fileId);
    return claimed === undefined ? undefined : this.take(claimed);
  }

  /** Like `settle`, for what a sweep does otherwise: a failure is logged. @returns the file as it is then */
  async settleSoon(file: File): Promise<File> {
    try {
      return (await this.settle(file.id)) ?? file;
    } catch (error) {
      this.log.warn({ fileId: file.id, err: error }, "a file gets its place a little later");
      return file;
    }
  }

  async sweep(signal: AbortSignal): Promise<void> {
    const settle = async (claimed: ClaimedFile): Promise<void> => {
      await this.take(claimed).catch(async (error: unknown) => {
        if (!(error instanceof AppError && error.code === "CONFLICT")) throw error;
        await this.places.end(claimed);
      });
    };
    await withEach(await this.places.unfinished(PER_SWEEP), settle, signal);
  }

  private async send(viewer: Viewer, file: File, place: Place, onConflict: NameConflict): Promise<File> {
    if (viewer.kind !== "user") throw unauthenticated();
    const by = { byId: viewer.userId, byAdmin: isAdmin(viewer) && viewer.userId !== file.ownerId };
    const claimed = await this.places.begin(file.id, { ...place, ...by, onConflict });
    if (claimed === undefined) throw changedMeanwhile();
    const there = await this.take(claimed).catch(async (error: unknown) => {
      if (error instanceof AppError && error.code === "CONFLICT") await this.places.end(claimed);
      throw error;
    });
    return there ?? this.current(file.id);
  }

  /** Somebody else's later claim, or a sweep, may have been faster. */
  private async current(id: string): Promise<File> {
    const file = await this.files.find(id);
    if (file === undefined || file.purgingAt) throw notFound("File");
    return file;
  }

  private async take(claimed: ClaimedFile): Promise<File | undefined> {
    const { claim } = claimed;
    const before = await this.files.find(claimed.fileId);
    const file = await this.put(claimed, claim.folderId);
    if (file === undefined) return undefined;
    if (claim.folderId === undefined || (await this.folders.isOpen(claim.folderId))) {
      await this.places.end(claimed);
      return file;
    }
    // Archived or gone since the claim was made: back, or up where that is the same folder.
    const back = before?.folderId === claim.folderId ? undefined : before?.folderId;
    const returned = await this.put({ ...claimed, claim: { ...claim, onConflict: "RENAME" } }, back);
    await this.places.end(claimed);
    return returned;
  }

  private async put(claimed: ClaimedFile, folderId: string | undefined): Promise<File | undefined> {
    const { name: wanted, onConflict } = claimed.claim;
    const isTaken = (name: string): Promise<boolean> =>
      this.places.isTaken(claimed.ownerId, { name, folderId });
    let name = wanted;
    for (let i = 0; i < MAX_TRIES; i += 1) {
      const put = await this.places.put(claimed, { name, folderId });
      if (put !== "TAKEN") return put;
      if (onConflict === "FAIL") throw nameTaken(name);
      if (onConflict === "REPLACE" && (await this.replace(claimed))) continue;
      name = await freeName(wanted, isTaken);
    }
    throw tooBusy();
  }

  private async replace(claimed: ClaimedFile): Promise<boolean> {
    const replaced = await this.places.archiveHolder(claimed);
    if (replaced === undefined) return false;
    await this.audit.record("system", {
      action: "file.archived",
      target: { kind: "file", id: replaced.id, name: replaced.name },
      before: { archived: false },
      after: { archived: true },
      reason: replaced.archivedReason ?? "",
    });
    return true;
  }

  /** @throws AppError CONFLICT for the first whose name is taken there */
  async assertFree(files: readonly File[], folderId: string | undefined): Promise<void> {
    for (const { ownerId, name } of files) {
      if (await this.places.isTaken(ownerId, { name, folderId })) throw nameTaken(name, "onConflict");
    }
  }

  /** What owners do with their own files is nobody else's concern. */
  private async tell(
    viewer: Viewer,
    action: "file.renamed" | "file.moved",
    { id, name, ownerId }: File,
    before: Record<string, string | null>,
    after: Record<string, string | null>,
  ): Promise<void> {
    if (viewer.kind === "user" && viewer.userId === ownerId) return;
    await this.audit.record(viewer, { action, target: { kind: "file", id, name }, before, after });
  }
}

function nameTaken(name: string, field = "name"): AppError {
  return conflict(`There is another file named “${name}” there. Choose another name or policy.`, field);
}

function tooBusy(): AppError {
  return unavailable("Too many files want this name at this moment. Try again.");
}

function changedMeanwhile(): AppError {
  return conflict("This file was archived or removed at this moment.");
}

function whereOf({ name, folderId }: File): Record<string, string | null> {
  return { name, folderId: folderId ?? null };
}
