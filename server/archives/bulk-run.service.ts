import type { AccountStore } from "../auth/auth.ports.js";
import type { FileScope } from "../files/file-scope.service.js";
import type { FileFilter, FolderStore, Page, PageRequest } from "../files/files.ports.js";
import type { AuditTrail } from "../kernel/audit.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { conflict, notFound, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { JobQueue } from "../kernel/jobs.js";
import { reasonOf } from "./archive.js";
import type { FileArchive } from "./archives.ports.js";
import type { BulkDeed, BulkResult, BulkRun } from "./bulk-run.js";
import type { BulkRunStore } from "./bulk-run.ports.js";

const MAX_RUNNING = 20;
const PER_SWEEP = 20;

/** Begins, shows and cancels runs over all files that match a filter. A worker does the rest. */
export class BulkRunService {
  constructor(
    private readonly runs: BulkRunStore,
    private readonly files: Pick<FileArchive, "count">,
    private readonly scope: FileScope,
    private readonly named: { folders: Pick<FolderStore, "find">; accounts: Pick<AccountStore, "find"> },
    private readonly jobs: JobQueue,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Begins to do this to all files that match: the viewer's own, or everybody's for an administrator. Only files that
   * are there now are dealt with.
   * @throws AppError UNAUTHENTICATED; NOT_FOUND for an `ownerId` or a `folderId` that is missing or somebody else's; CONFLICT when too many runs go on
   */
  async start(viewer: Viewer, deed: BulkDeed, where: FileFilter, reason?: string): Promise<BulkRun> {
    if (viewer.kind !== "user") throw unauthenticated();
    const filter = await this.scope.of(viewer, { ...where, archived: deed !== "ARCHIVE" });
    await this.assertNamed(viewer, where);
    if ((await this.runs.countRunning(viewer.userId)) >= MAX_RUNNING) {
      throw conflict(`${MAX_RUNNING} of your runs are under way. Wait for one, or cancel one.`);
    }
    const run = await this.runs.create({
      ...{ id: newId(), deed, filter, startedById: viewer.userId, address: viewer.address },
      ...{ total: await this.files.count(filter), reason: reasonOf(reason) },
    });
    await this.audit.record(viewer, {
      action: `files.${({ ARCHIVE: "archive", RESTORE: "restore", PURGE: "purge" } as const)[deed]}-run-started`,
      target: { kind: "bulk-run", id: run.id },
      after: { total: run.total, ...conditionsOf(where) },
      ...(run.reason === undefined ? {} : { reason: run.reason }),
    });
    await this.jobs.wake("archive.run", { runId: run.id });
    return run;
  }

  /** A mistyped id would otherwise look like a run that found nothing. */
  private async assertNamed(viewer: Viewer, { folderId, ownerId, archivedById }: FileFilter): Promise<void> {
    for (const id of [ownerId, archivedById]) {
      if (id !== undefined && (await this.named.accounts.find(id)) === undefined) throw notFound("User");
    }
    if (folderId === undefined) return;
    const folder = await this.named.folders.find(folderId);
    if (folder === undefined || folder.purgingAt || !ownsOrAdministers(viewer, folder.ownerId)) {
      throw notFound("Folder");
    }
  }

  /** @throws AppError NOT_FOUND when it is missing or somebody else's */
  async get(viewer: Viewer, id: string): Promise<BulkRun> {
    const run = await this.runs.find(id);
    if (run === undefined || !ownsOrAdministers(viewer, run.startedById)) throw notFound("Run");
    return run;
  }

  /** The viewer's runs, latest first; an administrator sees everybody's. */
  list(viewer: Viewer, page: PageRequest): Promise<Page<BulkRun>> {
    return this.runs.list(starterSeenBy(viewer), page);
  }

  count(viewer: Viewer): Promise<number> {
    return this.runs.count(starterSeenBy(viewer));
  }

  /**
   * Begins nothing new; the few files under way are finished, and what was done stays done. Safe to repeat.
   * @throws AppError NOT_FOUND; CONFLICT when everything is done
   */
  async cancel(viewer: Viewer, id: string): Promise<BulkRun> {
    const run = await this.get(viewer, id);
    if (run.state === "CANCELLED") return run;
    const cancelled = await this.runs.cancel(id);
    if (cancelled !== undefined) {
      await this.audit.record(viewer, { action: "files.run-cancelled", target: { kind: "bulk-run", id } });
      return cancelled;
    }
    const now = await this.get(viewer, id);
    if (now.state === "DONE") throw conflict("This run is done: there is nothing left to cancel.");
    return now;
  }

  results(run: BulkRun, done: boolean | undefined, page: PageRequest): Promise<Page<BulkResult>> {
    return this.runs.results(run.id, done, page);
  }

  countResults(run: BulkRun, done: boolean | undefined): Promise<number> {
    return this.runs.countResults(run.id, done);
  }

  /** Wakes a worker for what is due: new runs whose wake-up was lost, and those whose worker died. */
  async sweep(): Promise<void> {
    for (const runId of await this.runs.due(PER_SWEEP)) await this.jobs.wake("archive.run", { runId });
  }
}

function starterSeenBy(viewer: Viewer): string | undefined {
  if (viewer.kind !== "user") throw unauthenticated();
  return isAdmin(viewer) ? undefined : viewer.userId;
}

/** What the audit log keeps of a filter. */
function conditionsOf(filter: FileFilter) {
  const { search, states, folderId, atTop, ownerId, anonymous, ownerRole, archivedById, ...created } = filter;
  const { createdAfter, createdBefore } = created;
  return {
    ...(search === undefined ? {} : { search }),
    ...(states === undefined ? {} : { states: states.join(" ") }),
    ...(folderId === undefined ? {} : { folderId }),
    ...(atTop === true ? { atTop } : {}),
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(anonymous === undefined ? {} : { anonymous }),
    ...(ownerRole === undefined ? {} : { ownerRole }),
    ...(archivedById === undefined ? {} : { archivedById }),
    ...(createdAfter === undefined ? {} : { createdAfter: createdAfter.toISOString() }),
    ...(createdBefore === undefined ? {} : { createdBefore: createdBefore.toISOString() }),
  };
}
