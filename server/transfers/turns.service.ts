import type { EventBus } from "../kernel/events.js";
import { newId } from "../kernel/ids.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import { LEASE_MS } from "./lease-keeper.js";
import { progressOf } from "./transfer.js";
import type { Transfer } from "./transfer.js";
import type { TransferAllowance, Turn, TurnQueue, TurnStore } from "./transfers.ports.js";

/**
 * Gives each owner as many transfers at once as his role allows. The others are set aside, out of the way of everybody
 * else's: ten thousand queued files of one owner are one or a few for the workers.
 */
export class TurnsService {
  constructor(
    private readonly turns: TurnStore,
    private readonly queue: TurnQueue,
    private readonly allowance: TransferAllowance,
    private readonly jobs: JobQueue,
    private readonly events: EventBus,
    private readonly log: Logger,
  ) {}

  /** @returns undefined when the owner has no turn free: the transfer is set aside until one is */
  async begin({ id, ownerId }: Pick<Transfer, "id" | "ownerId">): Promise<Turn | undefined> {
    const turn = { ownerId, transferId: id, run: newId() };
    const limit = await this.allowance.transfersAtOnce(ownerId);
    if (await this.turns.take(turn, limit, LEASE_MS)) return turn;
    const waiting = await this.queue.setAside(id);
    if (waiting !== undefined) this.events.publish("transfer.progress", progressOf(waiting));
    // A turn that became free in between found nobody set aside.
    await this.admit(ownerId);
    return undefined;
  }

  keep(turn: Turn, leaseMs: number): Promise<void> {
    return this.turns.keep(turn, leaseMs);
  }

  /** Gives a turn back, and lets the owner's next transfer have it. Never throws: a turn not kept ends by itself. */
  async end(turn: Turn): Promise<void> {
    try {
      await this.turns.giveBack(turn);
      await this.admit(turn.ownerId);
    } catch (error) {
      this.log.warn({ err: error, ...turn }, "a turn was not given back; it ends by itself");
    }
  }

  /** Fills turns that nobody handed on, since their worker died or their owner's role changed. */
  async sweep(): Promise<void> {
    let owner = await this.queue.ownerAfter("");
    while (owner !== undefined) {
      await this.admit(owner);
      owner = await this.queue.ownerAfter(owner);
    }
  }

  private async admit(ownerId: string): Promise<void> {
    const limit = await this.allowance.transfersAtOnce(ownerId);
    for (let free = limit - (await this.turns.taken(ownerId)); free > 0; free -= 1) {
      const next = await this.queue.admit(ownerId);
      if (next === undefined) return;
      await this.jobs.wake("transfer.send", { transferId: next.id });
    }
  }
}
