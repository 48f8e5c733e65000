import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../kernel/errors.js";
import { FairShare } from "./fair-share.js";
import type { ChatRefused, LaneAddress, LaneSlot, LaneStore, LaneWait } from "./vault.ports.js";

/** A chat that refused a document is left alone this long before it is tried again. */
const REFUSED_MS = 120_000;
/** A lane whose send failed without an answer: others are tried meanwhile. */
const FAILED_MS = 5_000;
/** Another lane that is free within this time is worth trying instead. */
const SOON_MS = 3_000;

/** Whoever waits holds room in memory that others may need. A lane's own pace never asks for longer than this. */
const PACE_PATIENCE_MS = 70_000;
/** Chats that ask to wait, maybe again and again, are waited for so long in all. */
const BUSY_PATIENCE_MS = 10_000;

/** A lane that is free by now, and was taken by somebody else, is asked for again after this time. */
const LEAST_WAIT_MS = 5;

/** Told when somebody begins to wait for a lane, until when, and why; the function it returns ends the waiting. */
export type WaitListener = (until: Date, why: "FLOOD_LIMIT" | "PACE") => () => void;

/** How somebody waits for a lane. */
export interface WaitManner {
  onWait: WaitListener;
  /** When the waiting began, by `performance.now()`. */
  sinceMs: number;
  /** Whose turn it is to be; undefined for work that can wait, such as repairs. */
  ownerId: string | undefined;
}

/** No chat takes a copy soon. Whoever asked comes again then, and holds nothing meanwhile. */
export class CopyDeferred extends Error {
  override readonly name = "CopyDeferred";
  private readonly untilMs: number;
  /** A chat asked for it; otherwise it is our own pace. */
  readonly isBlocked: boolean;
  /** What a chat said, when all of them are left alone because they refused. */
  readonly refusal: string | undefined;

  constructor({ waitMs, isBlocked, refusal }: LaneWait) {
    super(`No chat is free for a copy within ${Math.ceil(waitMs / 1000)} s.`);
    this.untilMs = Date.now() + waitMs;
    this.isBlocked = isBlocked;
    this.refusal = refusal;
  }

  /** Milliseconds from now until it is worth asking again. */
  get waitMs(): number {
    return Math.max(this.untilMs - Date.now(), 0);
  }
}

/** The chats that hold or are about to hold a copy of one part: no two copies share a chat. */
export class TakenChats {
  private readonly chats: Set<string>;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(chats: Iterable<string>) {
    this.chats = new Set(chats);
  }

  get size(): number {
    return this.chats.size;
  }

  has(chat: string): boolean {
    return this.chats.has(chat);
  }

  free(chat: string): void {
    this.chats.delete(chat);
  }

  /** Copies choose one after another: two that chose at once would choose the same chat. */
  take<S extends LaneSlot | undefined>(choose: () => Promise<S>): Promise<S> {
    const chosen = this.turn.then(async () => {
      const slot = await choose();
      if (slot !== undefined) this.chats.add(slot.chat);
      return slot;
    });
    this.turn = chosen.catch(() => undefined);
    return chosen;
  }
}

/**
 * Hands out slots in the lanes. One instance for each worker; the pace itself is shared through the store.
 *
 * Whoever got less than his share lately reserves a slot ahead. Everybody else takes a lane only when it is free, and
 * so comes after those who reserved: a small file waits for one slot, not for the parts of a large one.
 */
export class LanesService {
  private readonly shares = new FairShare();

  constructor(
    private readonly store: LaneStore,
    private readonly lanes: readonly LaneAddress[],
  ) {}

  /**
   * Resolves with a slot whose time has come, in a chat that is not in `taken`, preferring the primary chat. The
   * slot's chat is added to `taken` at once, so that two copies of a part never wait for the same one.
   * @throws AppError UNAVAILABLE when every chat is taken; CopyDeferred instead of waiting long
   */
  async acquire(taken: TakenChats, how: WaitManner, signal: AbortSignal): Promise<LaneSlot> {
    for (;;) {
      const slot = await this.reserve(taken, how, signal);
      try {
        await this.wait(slot, how, signal);
        const isBlocked = await this.awaitPermission(slot, how, signal);
        if (!isBlocked) {
          if (how.ownerId !== undefined) this.shares.count(how.ownerId);
          return slot;
        }
        await this.store.giveBack(slot);
      } catch (error) {
        taken.free(slot.chat);
        await this.store.giveBack(slot);
        throw error;
      }
      taken.free(slot.chat);
    }
  }

  /** Why a copy is not worth waiting for; undefined when it is. */
  async deferral(
    taken: TakenChats,
    how: Pick<WaitManner, "ownerId" | "sinceMs">,
  ): Promise<CopyDeferred | undefined> {
    const free = await this.store.freeIn(this.open(taken), this.when(how));
    return free && tooLong(free, how);
  }

  sent(slot: LaneSlot): Promise<void> {
    return this.store.sent(slot);
  }

  busy(lane: LaneAddress, retryAfterSeconds: number): Promise<void> {
    return this.store.block(lane, retryAfterSeconds * 1000);
  }

  /** @returns false for the only lane there is, which is not left alone */
  async refused(lane: LaneAddress, { fix }: ChatRefused): Promise<boolean> {
    if (this.lanes.length === 1) return false;
    await this.store.block(lane, REFUSED_MS, fix);
    return true;
  }

  /**
   * A send got no answer, or its bytes came back wrong: the lane, or Telegram as a whole, is out of order.
   * @returns false for the only lane there is, which is not left alone
   */
  async failed(lane: LaneAddress): Promise<boolean> {
    if (this.lanes.length === 1) return false;
    await this.store.rest(lane, FAILED_MS);
    return true;
  }

  /** Whether a chat that is not in `taken` has a lane that takes a document soon. */
  async isAnySoon(taken: TakenChats): Promise<boolean> {
    const free = await this.store.freeIn(this.open(taken), "now");
    return free !== undefined && free.waitMs < SOON_MS;
  }

  private async reserve(taken: TakenChats, how: WaitManner, signal: AbortSignal): Promise<LaneSlot> {
    for (;;) {
      signal.throwIfAborted();
      const slot = await taken.take(async () => {
        const deferral = await this.deferral(taken, how);
        if (deferral !== undefined) throw deferral;
        return this.store.reserve(this.open(taken), this.when(how));
      });
      if (slot !== undefined) return slot;
      const free = await this.store.freeIn(this.open(taken), "now");
      if (free === undefined) throw unavailable("No chat is left that could keep another copy.");
      await this.wait({ ...free, waitMs: Math.max(free.waitMs, LEAST_WAIT_MS) }, how, signal);
    }
  }

  private when({ ownerId }: Pick<WaitManner, "ownerId">): "ahead" | "now" {
    return ownerId !== undefined && this.shares.isOwed(ownerId) ? "ahead" : "now";
  }

  private open(taken: TakenChats): LaneAddress[] {
    return this.lanes.filter(({ chat }) => !taken.has(chat));
  }

  /**
   * Looks again when a slot's time has come: an earlier send may have taken longer than planned, or have been told to
   * wait after this slot was reserved.
   * @returns whether the lane is blocked, so that another one may be free sooner
   */
  private async awaitPermission(slot: LaneSlot, how: WaitManner, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const { blockedMs, fullMs } = await this.store.hindrance(slot);
      if (blockedMs > 0) return true;
      if (fullMs <= 0) return false;
      await this.wait({ waitMs: fullMs, isBlocked: false }, how, signal);
    }
  }

  /** @throws CopyDeferred at once when it is not worth waiting: a chat may be blocked, or taken, since it was chosen */
  private async wait(what: LaneWait, how: WaitManner, signal: AbortSignal): Promise<void> {
    if (what.waitMs <= 0) return;
    const deferral = tooLong(what, how);
    if (deferral !== undefined) throw deferral;
    const over = how.onWait(new Date(Date.now() + what.waitMs), what.isBlocked ? "FLOOD_LIMIT" : "PACE");
    try {
      await delay(what.waitMs, undefined, { signal });
    } finally {
      over();
    }
  }
}

function tooLong(what: LaneWait, { sinceMs }: Pick<WaitManner, "sinceMs">): CopyDeferred | undefined {
  const busyPatienceMs = BUSY_PATIENCE_MS - (performance.now() - sinceMs);
  const patienceMs = what.isBlocked ? busyPatienceMs : PACE_PATIENCE_MS;
  return what.waitMs > patienceMs ? new CopyDeferred(what) : undefined;
}
