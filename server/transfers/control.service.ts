import type { AuditTrail } from "../kernel/audit.js";
import type { Viewer } from "../kernel/context.js";
import { conflict } from "../kernel/errors.js";
import type { EventBus } from "../kernel/events.js";
import type { JobQueue } from "../kernel/jobs.js";
import { RULES, isDoneAlready, refusalOf } from "./control.js";
import type { ControlAction } from "./control.js";
import { progressOf } from "./transfer.js";
import type { Transfer } from "./transfer.js";
import type { TransferService } from "./transfer.service.js";
import type { TransferControls, TransferredFiles } from "./transfers.ports.js";

/** A state may change between two looks at it this often before that is somebody's problem. */
const MAX_LOOKS = 4;

const DONE_TO: Readonly<Record<ControlAction, string>> = {
  pause: "paused",
  resume: "resumed",
  cancel: "cancelled",
  retry: "retried",
};

/**
 * What owners and administrators do to transfers. Every action may be repeated: one that was done already answers the
 * transfer as it is. All throw AppError NOT_FOUND for what is missing or somebody else's, and CONFLICT, with the
 * reason, in a state that does not allow it.
 */
export class ControlService {
  constructor(
    private readonly transfers: Pick<TransferService, "get">,
    private readonly controls: TransferControls,
    private readonly files: TransferredFiles,
    private readonly jobs: JobQueue,
    private readonly events: EventBus,
    private readonly audit: AuditTrail,
  ) {}

  /** Stops a transfer until it is resumed. What is being sent at this moment may still be finished. */
  pause(viewer: Viewer, id: string): Promise<Transfer> {
    return this.act("pause", viewer, id, () => this.controls.pause(id));
  }

  /** Lets a paused transfer go on where it stopped. */
  async resume(viewer: Viewer, id: string): Promise<Transfer> {
    const transfer = await this.act("resume", viewer, id, () => this.controls.resume(id));
    await this.jobs.wake("transfer.send", { transferId: id });
    return transfer;
  }

  /** Queues a failed transfer again; one that waits for its next try need not wait any longer. */
  async retry(viewer: Viewer, id: string): Promise<Transfer> {
    const transfer = await this.act("retry", viewer, id, async () => {
      return (await this.controls.retry(id)) ?? this.controls.hasten(id);
    });
    await this.jobs.wake("transfer.send", { transferId: id });
    return transfer;
  }

  /** Ends a transfer for good. What was sent and what is staged is removed soon, whatever happens to this process. */
  async cancel(viewer: Viewer, id: string): Promise<Transfer> {
    return this.act("cancel", viewer, id, async () => {
      const cancelled = await this.controls.cancel(id);
      if (cancelled === undefined) return undefined;
      const { transfer, epoch } = cancelled;
      await this.files.setState(transfer.fileId, "CANCELLED", epoch);
      await this.jobs.wake("transfer.clean", { transferId: id });
      return transfer;
    });
  }

  private async act(
    action: ControlAction,
    viewer: Viewer,
    id: string,
    change: () => Promise<Transfer | undefined>,
  ): Promise<Transfer> {
    let seen = await this.transfers.get(viewer, id);
    for (let look = 1; ; look += 1) {
      const changed = await change();
      if (changed !== undefined) {
        await this.tell(action, viewer, seen, changed);
        return changed;
      }
      const before = seen;
      seen = await this.transfers.get(viewer, id);
      if (isDoneAlready(action, seen)) return seen;
      const mayHaveChanged = before.state !== seen.state && RULES[action].from.includes(seen.state);
      if (!mayHaveChanged || look === MAX_LOOKS) throw conflict(refusalOf(action, seen));
    }
  }

  private async tell(
    action: ControlAction,
    viewer: Viewer,
    before: Transfer,
    after: Transfer,
  ): Promise<void> {
    this.events.publish("transfer.progress", progressOf(after));
    if (viewer.kind === "user" && viewer.userId === after.ownerId) return;
    await this.audit.record(viewer, {
      action: `transfer.${DONE_TO[action]}`,
      target: { kind: "transfer", id: after.id },
      before: { state: before.state },
      after: { state: after.state },
    });
  }
}
