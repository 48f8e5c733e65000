import type { AuditTrail } from "../kernel/audit.js";
import type { Viewer } from "../kernel/context.js";
import { conflict, notFound } from "../kernel/errors.js";
import type { TransferControls } from "../transfers/transfers.ports.js";
import { requireAdministrator } from "./administrator.js";
import type {
  ChatInspector,
  DeadLetter,
  DeadLetterKind,
  DeadLetters,
  JobBoard,
  JobRecord,
  Lane,
  LaneBoard,
  LaneHealth,
} from "./operations.ports.js";

const INSPECT_MS = 8_000;
const MAX_COUNT = 100;

/** Queues another try of a transfer, as its owner could, and keeps that in the audit trail. */
export type RetryTransfer = (viewer: Viewer, id: string) => Promise<unknown>;

/** Lanes, jobs and failed work, as operators look after them. */
export class OperationsService {
  constructor(
    private readonly ports: {
      lanes: LaneBoard;
      chats: ChatInspector;
      jobs: JobBoard;
      deadLetters: DeadLetters;
      audit: AuditTrail;
      controls: Pick<TransferControls, "hastenAll">;
    },
    private readonly retryTransfer: RetryTransfer,
  ) {}

  async lanes(viewer: Viewer): Promise<Lane[]> {
    requireAdministrator(viewer);
    return this.ports.lanes.list();
  }

  /** Asks Telegram about every bot in every chat. */
  async laneHealth(viewer: Viewer, signal: AbortSignal): Promise<LaneHealth[]> {
    requireAdministrator(viewer);
    return this.ports.chats.inspect(AbortSignal.any([signal, AbortSignal.timeout(INSPECT_MS)]));
  }

  /**
   * Ends a lane's block now, and the waits of the transfers that wait for chats. Telegram may block it again at once.
   * Safe to repeat.
   * @throws AppError NOT_FOUND
   */
  async unblockLane(viewer: Viewer, id: string): Promise<Lane> {
    requireAdministrator(viewer);
    const before = await this.ports.lanes.find(id);
    if (before === undefined) throw notFound("Lane");
    if (before.blockedUntil !== undefined) await this.ports.lanes.unblock(id);
    // Also when it is not blocked any more: whoever unblocked it may have died before this.
    await this.ports.controls.hastenAll();
    if (before.blockedUntil === undefined) return before;
    await this.ports.audit.record(viewer, {
      action: "lane.unblocked",
      target: { kind: "lane", id },
      before: { blockedUntil: before.blockedUntil.toISOString() },
      after: { blockedUntil: null },
    });
    return (await this.ports.lanes.find(id)) ?? before;
  }

  async jobs(viewer: Viewer): Promise<JobRecord[]> {
    requireAdministrator(viewer);
    return this.ports.jobs.list(MAX_COUNT);
  }

  /** @throws AppError NOT_FOUND when it is gone; CONFLICT while it runs */
  async retryJob(viewer: Viewer, id: string): Promise<boolean> {
    requireAdministrator(viewer);
    const job = (await this.ports.jobs.retry(id)) ?? (await this.refuse(id));
    const target = { kind: "job" as const, id, name: job.name };
    await this.ports.audit.record(viewer, { action: "job.retried", target });
    return true;
  }

  /**
   * Forgets a job. What it should do stays due: to end that, cancel the transfer.
   * @throws AppError NOT_FOUND when it is gone; CONFLICT while it runs
   */
  async cancelJob(viewer: Viewer, id: string): Promise<boolean> {
    requireAdministrator(viewer);
    const job = (await this.ports.jobs.remove(id)) ?? (await this.refuse(id));
    const target = { kind: "job" as const, id, name: job.name };
    await this.ports.audit.record(viewer, { action: "job.cancelled", target });
    return true;
  }

  async deadLetters(viewer: Viewer): Promise<DeadLetter[]> {
    requireAdministrator(viewer);
    return this.ports.deadLetters.list(MAX_COUNT);
  }

  /** @throws AppError NOT_FOUND when nothing of that kind failed; what retrying a transfer throws */
  async retryDeadLetter(viewer: Viewer, kind: DeadLetterKind, id: string): Promise<boolean> {
    requireAdministrator(viewer);
    if (kind === "TRANSFER") {
      await this.retryTransfer(viewer, id);
      return true;
    }
    if (!(await this.ports.deadLetters.retry(kind, id))) throw notFound("Dead letter");
    const action = `${kind.toLowerCase()}.retried` as const;
    await this.ports.audit.record(viewer, { action, target: { kind: "job", id } });
    return true;
  }

  private async refuse(id: string): Promise<never> {
    const jobs = await this.ports.jobs.list(MAX_COUNT);
    if (!jobs.some((job) => job.id === id)) throw notFound("Job");
    throw conflict("This job is running. Wait for its end, or cancel the transfer it works on.");
  }
}
