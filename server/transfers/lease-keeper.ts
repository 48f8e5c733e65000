import { setMaxListeners } from "node:events";
import type { Logger } from "../kernel/log.js";
import type { TransferState } from "../kernel/progress.js";
import type { TransferLease, TransferStore } from "./transfers.ports.js";

export const LEASE_MS = 15_000;
const HEARTBEAT_MS = 5_000;
/** So soon a worker learns that somebody paused or cancelled what it works on. */
const LOOK_MS = 400;
/** What is being sent when a transfer is paused may be finished within this time. */
const GRACE_MS = 5_000;

/** Ends a run whose lease went to somebody else: it must not write anything more. */
class Fenced extends Error {
  override readonly name = "Fenced";
}

/** A lease while its holder works. */
export class HeldLease {
  private readonly ending = new AbortController();
  private readonly over = new AbortController();
  private grace: NodeJS.Timeout | undefined;

  constructor(
    readonly lease: TransferLease,
    private readonly look: () => Promise<void>,
  ) {
    // Every call of every part under way listens to them.
    setMaxListeners(0, this.ending.signal, this.over.signal);
  }

  /** Aborts when nothing new may be begun. */
  get beginning(): AbortSignal {
    return this.ending.signal;
  }

  /** Aborts when what has been begun must stop too: later than `beginning` when it was paused. */
  get finishing(): AbortSignal {
    return this.over.signal;
  }

  get isLost(): boolean {
    return this.ending.signal.aborted;
  }

  lose(): void {
    clearTimeout(this.grace);
    this.ending.abort(new Fenced());
    this.over.abort(new Fenced());
  }

  /** Finds out what became of a lease under which nothing could be written. */
  async check(): Promise<void> {
    await this.look();
  }

  compare(now: { epoch: number; state: TransferState } | undefined): void {
    if (now?.epoch === this.lease.epoch || this.isLost) return;
    if (now?.state !== "PAUSED") {
      this.lose();
      return;
    }
    this.ending.abort(new Fenced());
    this.grace = setTimeout(() => this.lose(), GRACE_MS);
  }
}

/** Keeps the leases of one worker, and notices when one is taken away. */
export class LeaseKeeper {
  private readonly held = new Set<HeldLease>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly transfers: Pick<TransferStore, "keep" | "standing">,
    private readonly log: Logger,
  ) {}

  /**
   * Extends a lease until it is let go. Whoever could not extend it in time stops by his own clock, before the
   * database gives it to somebody else: a process that was frozen learns it before it does anything.
   * @param alsoKeep extends what goes with the lease
   */
  hold(lease: TransferLease, alsoKeep: (leaseMs: number) => Promise<void>): HeldLease & { letGo(): void } {
    const held: HeldLease = new HeldLease(lease, () => this.look([held]));
    let expiry = setTimeout(() => held.lose(), LEASE_MS);
    const heartbeat = setInterval(() => {
      const asked = performance.now();
      Promise.all([this.transfers.keep(lease, LEASE_MS), alsoKeep(LEASE_MS)]).then(
        ([kept]) => {
          clearTimeout(expiry);
          const left = LEASE_MS - (performance.now() - asked);
          if (held.isLost) return;
          expiry = setTimeout(() => held.lose(), kept ? left : 0);
        },
        (error: unknown) => this.log.warn({ ...lease, err: error }, "a lease could not be extended"),
      );
    }, HEARTBEAT_MS);
    this.held.add(held);
    this.timer ??= setInterval(() => void this.look([...this.held]), LOOK_MS);
    const letGo = (): void => {
      clearInterval(heartbeat);
      clearTimeout(expiry);
      held.lose();
      this.held.delete(held);
      if (this.held.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
    };
    return Object.assign(held, { letGo });
  }

  /** One query for all that this worker holds. */
  private async look(held: readonly HeldLease[]): Promise<void> {
    try {
      const standing = await this.transfers.standing(held.map(({ lease }) => lease.transferId));
      for (const one of held) one.compare(standing.get(one.lease.transferId));
    } catch (error) {
      this.log.warn({ err: error }, "whether transfers were paused or cancelled could not be read");
    }
  }
}
