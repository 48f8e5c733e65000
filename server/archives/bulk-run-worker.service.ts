import { actorOf } from "../auth/actor.js";
import type { AccountStore } from "../auth/auth.ports.js";
import type { SignedInViewer } from "../kernel/context.js";
import { AppError } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import { keeping } from "../kernel/keeping.js";
import type { Logger } from "../kernel/log.js";
import type { FileArchive } from "./archives.ports.js";
import type { BulkResult, BulkRun } from "./bulk-run.js";
import type { BulkRunStore } from "./bulk-run.ports.js";
import type { FileArchiveService } from "./file-archive.service.js";
import type { PurgeService } from "./purge.service.js";

const LEASE_MS = 10_000;
const RETRY_MS = 5_000;
const PER_PAGE = 50;

/**
 * Works through runs, a page of files at a time. Which files a page has is written down before they are touched, for
 * afterwards they match no more: after a crash the same ones are done again, which changes nothing, and counted once.
 */
export class BulkRunWorker {
  constructor(
    private readonly runs: BulkRunStore,
    private readonly files: Pick<FileArchive, "pageAfter" | "findMany">,
    private readonly deeds: {
      files: Pick<FileArchiveService, "archive" | "restore">;
      purges: Pick<PurgeService, "purgeFiles">;
    },
    private readonly accounts: Pick<AccountStore, "find">,
    private readonly log: Logger,
  ) {}

  /** Works on a run if it is due and nobody else does. Survives running twice. */
  async run(runId: string, signal: AbortSignal): Promise<void> {
    const lease = newId();
    const run = await this.runs.take(runId, lease, LEASE_MS);
    if (run === undefined) return;
    try {
      await keeping(
        () => this.runs.keep(runId, lease, LEASE_MS),
        LEASE_MS,
        () => this.work(run, lease, signal),
      );
    } catch (error) {
      if (!signal.aborted) this.log.warn({ runId, err: error }, "a run over files stopped; it goes on soon");
      await this.runs.postpone(runId, lease, signal.aborted ? 0 : RETRY_MS);
    }
  }

  private async work(begun: BulkRun, lease: string, signal: AbortSignal): Promise<void> {
    for (let run: BulkRun | undefined = begun; run !== undefined;) {
      signal.throwIfAborted();
      if (run.page === undefined) {
        if (run.state !== "RUNNING") return this.runs.finish(run.id, lease);
        const page = await this.files.pageAfter(run.filter, run.cursor, run.startedAt, PER_PAGE);
        if (page.ids.length === 0) return this.runs.finish(run.id, lease);
        // Cancelled at this moment: the next look says so.
        run =
          (await this.runs.beginPage(run.id, lease, page)) ?? (await this.runs.take(run.id, lease, LEASE_MS));
        continue;
      }
      const actor = await actorOf(this.accounts, run);
      if (actor === undefined) {
        return this.runs.finish(run.id, lease, "Whoever started it has no active account any more.");
      }
      const results = await this.doPage(run, run.page, actor, signal);
      await this.runs.recordResults(run.id, results);
      const done = results.filter((result) => result.done).length;
      run = await this.runs.endPage(run.id, lease, { done, failed: results.length - done });
    }
  }

  private async doPage(
    run: BulkRun,
    ids: readonly string[],
    actor: SignedInViewer,
    signal: AbortSignal,
  ): Promise<BulkResult[]> {
    const names = new Map((await this.files.findMany(ids)).map(({ id, name }) => [id, name]));
    const results: BulkResult[] = [];
    for (const fileId of ids) {
      signal.throwIfAborted();
      const name = names.get(fileId);
      try {
        await this.doOne(run, fileId, actor);
        results.push({ fileId, name, done: true, reason: undefined });
      } catch (error) {
        // What the database refuses now it may take later: only verdicts about the file are results.
        if (!(error instanceof AppError) || error.code === "UNAVAILABLE") throw error;
        results.push({ fileId, name, done: false, reason: error.message });
      }
    }
    return results;
  }

  private async doOne(run: BulkRun, fileId: string, actor: SignedInViewer): Promise<void> {
    switch (run.deed) {
      case "ARCHIVE":
        await this.deeds.files.archive(actor, [fileId], run.reason);
        return;
      case "RESTORE":
        await this.deeds.files.restore(actor, [fileId]);
        return;
      case "PURGE":
        await this.deeds.purges.purgeFiles(actor, [fileId]);
    }
  }
}
