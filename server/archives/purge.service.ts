import { setTimeout as delay } from "node:timers/promises";
import type { Page, PageRequest } from "../files/files.ports.js";
import type { AuditTarget, AuditTrail } from "../kernel/audit.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { notFound, unauthenticated, unavailable } from "../kernel/errors.js";
import type { JobQueue } from "../kernel/jobs.js";
import { assertFewEnough, assertMayPurge } from "./archive.js";
import type { PurgeRequest } from "./archive.js";
import type {
  FileArchive,
  FolderArchive,
  MarkedThing,
  PurgeFilter,
  PurgeStore,
  UserArchive,
} from "./archives.ports.js";
import type { FileArchiveService } from "./file-archive.service.js";
import type { FolderArchiveService } from "./folder-archive.service.js";
import type { Purge, PurgeKind, PurgedMessage } from "./purge.js";

const PER_SWEEP = 100;
const LOOK_AGAIN_MS = 50;
const PATIENCE_MS = 5_000;

interface Marks {
  markPurging(id: string, request: PurgeRequest): Promise<boolean>;
  markOpened(ids: readonly string[]): Promise<void>;
}

/**
 * Takes requests for purges. The mark on the thing comes first and hides it; the purge is made from the mark, here or,
 * after a crash, by a sweep. A worker does the rest.
 */
export class PurgeService {
  constructor(
    private readonly purges: PurgeStore,
    private readonly marks: { files: FileArchive; folders: FolderArchive; users: UserArchive },
    private readonly find: { files: FileArchiveService; folders: FolderArchiveService },
    private readonly jobs: JobQueue,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Begins to purge all of these archived files or none. Safe to repeat: what is being purged answers with its purge.
   * @throws AppError NOT_FOUND; CONFLICT when one is not archived; FORBIDDEN when an administrator archived one
   */
  async purgeFiles(viewer: Viewer, ids: readonly string[]): Promise<Purge[]> {
    return this.purgeAll(viewer, ids, {
      kind: "FILE",
      all: (left) => this.find.files.all(viewer, left),
      marks: this.marks.files,
    });
  }

  /** Begins to purge folders with all that is in them, whether it was archived with them or before. As for files. */
  async purgeFolders(viewer: Viewer, ids: readonly string[]): Promise<Purge[]> {
    return this.purgeAll(viewer, ids, {
      kind: "FOLDER",
      all: (left) => this.find.folders.all(viewer, left),
      marks: this.marks.folders,
    });
  }

  /**
   * Marks and opens a purge for things that were checked already.
   * @param because for what has no owner and whose time is over: it need not be archived
   */
  async begin(
    actor: Viewer | "system",
    kind: PurgeKind,
    thing: MarkedThing,
    because?: "ITS TIME IS OVER",
  ): Promise<void> {
    const { id, name, handOverTo } = thing;
    const byId = actor !== "system" && actor.kind === "user" ? actor.userId : undefined;
    const marks = this.marksOf(kind);
    const isMine = await marks.markPurging(id, {
      byId,
      ...(handOverTo === undefined ? {} : { handOverTo }),
      ...(because === undefined ? {} : { isOver: true }),
    });
    // Restored or purged by somebody else between the look and the mark: then that is what happened to it.
    if (!isMine) return;
    await this.audit.record(actor, {
      action: `${wordOf(kind)}.purged`,
      target: { kind: wordOf(kind), id, name },
      ...(handOverTo === undefined ? {} : { after: { handOverTo } }),
      ...(because === undefined ? {} : { reason: "Uploaded without an account; its time was over." }),
    });
    await this.open(kind, [{ ...thing, purgeById: byId }], marks);
  }

  /** @throws AppError NOT_FOUND when there is none, or of somebody else's thing */
  async get(viewer: Viewer, id: string): Promise<Purge> {
    const purge = await this.purges.find(id);
    if (purge === undefined || !maySee(viewer, purge)) throw notFound("Purge");
    return this.withSums(purge);
  }

  /** The viewer's purges, latest first, without those that are part of another; an administrator sees everybody's. */
  async list(viewer: Viewer, filter: PurgeFilter, page: PageRequest): Promise<Page<Purge>> {
    const found = await this.purges.list(visibleTo(viewer, filter), page);
    const items = await Promise.all(
      found.items.map(async ({ cursor, node }) => ({ cursor, node: await this.withSums(node) })),
    );
    return { ...found, items };
  }

  count(viewer: Viewer, filter: PurgeFilter): Promise<number> {
    return this.purges.count(visibleTo(viewer, filter));
  }

  /** What became of each message. */
  messages(purge: Purge, page: PageRequest): Promise<Page<PurgedMessage>> {
    return this.purges.messages(purge.id, page);
  }

  async countMessages(purge: Purge): Promise<number> {
    return (await this.purges.countMessages(purge.id)).all;
  }

  /** Opens the purges of marks whose process died, and wakes a worker for all that are due. */
  async sweep(): Promise<void> {
    const { files, folders, users } = this.marks;
    await this.open("FILE", await files.unopened("due", PER_SWEEP), files);
    await this.open("FOLDER", await folders.unopened(PER_SWEEP), folders);
    await this.open("USER", await users.unopened(PER_SWEEP), users);
    for (const purgeId of await this.purges.due(PER_SWEEP))
      await this.jobs.wake("archive.purge", { purgeId });
  }

  async open(
    kind: PurgeKind,
    things: readonly MarkedThing[],
    marks: Pick<Marks, "markOpened">,
  ): Promise<void> {
    if (things.length === 0) return;
    await this.purges.open(things.map((thing) => ({ ...thing, kind })));
    await marks.markOpened(things.map(({ id }) => id));
    for (const { id } of things) await this.jobs.wake("archive.purge", { purgeId: id });
  }

  private async purgeAll<T extends MarkedName>(
    viewer: Viewer,
    ids: readonly string[],
    of: { kind: PurgeKind; all(ids: readonly string[]): Promise<T[]>; marks: FileArchive | FolderArchive },
  ): Promise<Purge[]> {
    if (viewer.kind !== "user") throw unauthenticated();
    assertFewEnough(ids);
    const wanted = [...new Set(ids)];
    const things = await this.notBegun(viewer, wanted, of);
    for (const thing of things) assertMayPurge(viewer, thing);
    for (const { id, name, ownerId } of things) {
      await this.begin(viewer, of.kind, { id, name, ownerId, ...NOBODY });
    }
    await this.begun(viewer, wanted, of.marks);
    return this.inOrder(viewer, ids);
  }

  /** What of these nobody purges yet. @throws AppError NOT_FOUND when one of the others is not the viewer's to see */
  private async notBegun<T>(
    viewer: Viewer,
    wanted: readonly string[],
    of: { all(ids: readonly string[]): Promise<T[]>; marks: FileArchive | FolderArchive },
  ): Promise<T[]> {
    for (let before = await this.begun(viewer, wanted, of.marks); ;) {
      const known = before;
      try {
        return await of.all(wanted.filter((id) => !known.has(id)));
      } catch (error) {
        // Somebody may have begun one meanwhile: then it is hidden, and no reason to refuse.
        before = await this.begun(viewer, wanted, of.marks);
        if (before.size === known.size) throw error;
      }
    }
  }

  /** Which of these are being purged already. One that somebody marks at this moment is waited for. */
  private async begun(
    viewer: Viewer,
    ids: readonly string[],
    marks: FileArchive | FolderArchive,
  ): Promise<Set<string>> {
    for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
      const purges = await this.purges.findMany(ids);
      const begun = new Set(purges.filter((purge) => maySee(viewer, purge)).map(({ id }) => id));
      const marked = (await marks.findMany(ids)).filter(
        ({ purgingAt, ownerId }) => purgingAt !== undefined && ownsOrAdministers(viewer, ownerId),
      );
      if (marked.every(({ id }) => begun.has(id))) return begun;
      if (waited > PATIENCE_MS) throw unavailable("Some of these begin to be purged now. Try again shortly.");
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** @throws AppError NOT_FOUND for what was restored at the same moment */
  async inOrder(viewer: Viewer, ids: readonly string[]): Promise<Purge[]> {
    const found = new Map((await this.purges.findMany(ids)).map((purge) => [purge.id, purge]));
    return Promise.all(
      [...new Set(ids)].map((id) => {
        const purge = found.get(id);
        if (purge === undefined || !maySee(viewer, purge)) throw notFound("Purge");
        return this.withSums(purge);
      }),
    );
  }

  /** A folder's and a user's numbers are those of the files in it. */
  private async withSums(purge: Purge): Promise<Purge> {
    if (purge.kind === "FILE" || purge.state === "DONE") return purge;
    const { copies, removed } = await this.purges.sums(purge.id);
    return { ...purge, copies, removed };
  }

  private marksOf(kind: PurgeKind): Marks {
    const { files, folders, users } = this.marks;
    return { FILE: files, FOLDER: folders, USER: users }[kind];
  }
}

type MarkedName = Parameters<typeof assertMayPurge>[1] & { id: string; ownerId: string };

const NOBODY = { purgeById: undefined, parentId: undefined, handOverTo: undefined };

function wordOf(kind: PurgeKind): AuditTarget["kind"] & ("file" | "folder" | "user") {
  return ({ FILE: "file", FOLDER: "folder", USER: "user" } as const)[kind];
}

function maySee(viewer: Viewer, purge: Purge): boolean {
  return purge.kind === "USER" ? isAdmin(viewer) : ownsOrAdministers(viewer, purge.ownerId);
}

function visibleTo(viewer: Viewer, filter: PurgeFilter): PurgeFilter {
  if (viewer.kind !== "user") throw unauthenticated();
  return isAdmin(viewer) ? filter : { ...filter, ownerId: viewer.userId };
}
