import type { FileService } from "../files/file.service.js";
import type { Page, PageRequest, TransferQueue } from "../files/files.ports.js";
import type { TransferWatch, Viewer } from "../kernel/context.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import { notFound, unauthenticated } from "../kernel/errors.js";
import type { EventBus } from "../kernel/events.js";
import { newId } from "../kernel/ids.js";
import type { JobQueue } from "../kernel/jobs.js";
import { isSettled } from "../kernel/progress.js";
import type { TransferProgress } from "../kernel/progress.js";
import { progressOf } from "./transfer.js";
import type { Transfer } from "./transfer.js";
import type { TransferFilter, TransferStore } from "./transfers.ports.js";

const DUE_PER_SWEEP = 100;

/** The viewer's half of transfers: queue, look, watch, try again. */
export class TransferService implements TransferQueue {
  constructor(
    private readonly transfers: TransferStore,
    private readonly jobs: JobQueue,
    private readonly events: EventBus,
    private readonly files: Pick<FileService, "get">,
  ) {}

  async enqueue(file: Parameters<TransferQueue["enqueue"]>[0]): Promise<string> {
    const id = newId();
    const { sizeBytes, ...facts } = file;
    await this.transfers.create({ id, ...facts, bytesTotal: sizeBytes });
    return id;
  }

  async begin(transferId: string): Promise<void> {
    const transfer = await this.transfers.begin(transferId);
    if (transfer !== undefined) await this.jobs.wake("transfer.send", { transferId });
  }

  cancelUpload(fileId: string): Promise<void> {
    return this.transfers.removeOfFile(fileId);
  }

  /** @throws AppError NOT_FOUND when it is missing or somebody else's */
  async get(viewer: Viewer, id: string): Promise<Transfer> {
    const transfer = await this.transfers.find(id);
    if (transfer === undefined || !ownsOrAdministers(viewer, transfer.ownerId)) throw notFound("Transfer");
    return transfer;
  }

  /** The viewer's transfers, newest first; an administrator sees everybody's. */
  list(viewer: Viewer, filter: TransferFilter, page: PageRequest): Promise<Page<Transfer>> {
    return this.transfers.list(visibleTo(viewer, filter), page);
  }

  count(viewer: Viewer, filter: TransferFilter): Promise<number> {
    return this.transfers.count(visibleTo(viewer, filter));
  }

  /**
   * Follows transfers: one file's, with its present state first and nothing after the state that ends it; all of the
   * viewer's; or, for administrators, everybody's. Ends with `signal`.
   */
  async *watch(...[viewer, what, signal]: Parameters<TransferWatch>): AsyncGenerator<TransferProgress> {
    if (typeof what === "object") {
      yield* this.watchFile(viewer, what.fileId, signal);
      return;
    }
    const mine = (progress: TransferProgress) => viewer.kind === "user" && progress.ownerId === viewer.userId;
    const isNews = inOrder();
    for await (const progress of this.events.subscribe("transfer.progress", signal)) {
      const isVisible = what === "everybody" ? isAdmin(viewer) : mine(progress);
      if (isVisible && isNews(progress)) yield progress;
    }
  }

  private async *watchFile(
    viewer: Viewer,
    fileId: string,
    signal: AbortSignal,
  ): AsyncGenerator<TransferProgress> {
    const events = this.events.subscribe("transfer.progress", signal);
    const file = await this.files.get(viewer, fileId);
    const transfer = file.transferId === undefined ? undefined : await this.transfers.find(file.transferId);
    const isNews = inOrder();
    if (transfer !== undefined && isNews(progressOf(transfer))) {
      yield progressOf(transfer);
      if (isSettled(transfer.state)) return;
    }
    for await (const progress of events) {
      if (progress.fileId !== fileId || !isNews(progress)) continue;
      yield progress;
      if (isSettled(progress.state)) return;
    }
  }

  /**
   * Wakes a worker for everything that is due: queued work whose wake-up got lost, failed tries whose time has come,
   * transfers whose worker died. The transfer documents are the truth; jobs are only wake-ups.
   */
  async reconcile(): Promise<void> {
    for (const transferId of await this.transfers.due(DUE_PER_SWEEP)) {
      await this.jobs.wake("transfer.send", { transferId });
    }
  }
}

function visibleTo(viewer: Viewer, filter: TransferFilter): TransferFilter {
  if (viewer.kind !== "user") throw unauthenticated();
  if (isAdmin(viewer)) return filter;
  if (filter.ownerId !== undefined && filter.ownerId !== viewer.userId) throw notFound("User");
  return { ...filter, ownerId: viewer.userId };
}

/** Tells of each event whether it is newer than those before it: a worker's last report may be overtaken by a pause. */
function inOrder(): (progress: TransferProgress) => boolean {
  const latest = new Map<string, number>();
  return ({ transferId, state, changedAt }) => {
    const isNews = changedAt.getTime() >= (latest.get(transferId) ?? 0);
    if (isSettled(state)) latest.delete(transferId);
    else if (isNews) latest.set(transferId, changedAt.getTime());
    return isNews;
  };
}
