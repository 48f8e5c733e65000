import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../kernel/errors.js";
import type { LaneAddress, LaneSlot, LaneStore } from "./vault.ports.js";

/** A chat that refused a document is left alone this long before it is tried again. */
const REFUSED_MS = 120_000;

/** Told when somebody begins to wait for a lane, and until when; the function it returns ends the waiting. */
export type WaitListener = (until: Date) => () => void;

/** No chat is free for a further copy for a while. The copies there are will do until then. */
export class CopyDeferred extends Error {
  override readonly name = "CopyDeferred";
  constructor(readonly waitMs: number) {
    super(`No chat is free for another copy within ${Math.ceil(waitMs / 1000)} s.`);
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
  take(choose: () => Promise<LaneSlot>): Promise<LaneSlot> {
    const chosen = this.turn.then(async () => {
      const slot = await choose();
      this.chats.add(slot.chat);
      return slot;
    });
    this.turn = chosen.catch(() => undefined);
    return chosen;
  }
}

/** Hands out slots in the lanes. One instance for each worker; the pace itself is shared through the store. */
export class LanesService {
  constructor(
    private readonly store: LaneStore,
    private readonly lanes: readonly LaneAddress[],
  ) {}

  /** The number of chats a document can have copies in. */
  get chatCount(): number {
    return new Set(this.lanes.map(({ chat }) => chat)).size;
  }

  /**
   * Resolves with a slot whose time has come, in a chat that is not in `taken`, preferring the primary chat. The
   * slot's chat is added to `taken` at once, so that two copies of a part never wait for the same one.
   * @param how `deferMs`: the longest wait that is worth it
   * @throws AppError UNAVAILABLE when every chat is taken; CopyDeferred instead of waiting longer than `deferMs`
   */
  async acquire(
    taken: TakenChats,
    how: { onWait: WaitListener; deferMs: number | undefined },
    signal: AbortSignal,
  ): Promise<LaneSlot> {
    for (;;) {
      const slot = await taken.take(() => this.reserve(taken, how.deferMs));
      try {
        await this.wait(slot.waitMs, how.onWait, signal);
        const isBlocked = await this.awaitPermission(slot, how.onWait, signal);
        if (!isBlocked) return slot;
        taken.free(slot.chat);
      } catch (error) {
        taken.free(slot.chat);
        throw error;
      }
    }
  }

  /** Why another copy has to wait longer than `deferMs`; undefined when it has not. */
  async deferral(taken: TakenChats, deferMs: number): Promise<CopyDeferred | undefined> {
    const waitMs = await this.store.freeInMs(this.open(taken));
    return waitMs === undefined || waitMs <= deferMs ? undefined : new CopyDeferred(waitMs);
  }

  sent(slot: LaneSlot): Promise<void> {
    return this.store.sent(slot);
  }

  busy(lane: LaneAddress, retryAfterSeconds: number): Promise<void> {
    return this.store.block(lane, retryAfterSeconds * 1000);
  }

  refused(lane: LaneAddress): Promise<void> {
    return this.store.block(lane, REFUSED_MS);
  }

  private async reserve(taken: TakenChats, deferMs: number | undefined): Promise<LaneSlot> {
    const deferral = deferMs === undefined ? undefined : await this.deferral(taken, deferMs);
    if (deferral !== undefined) throw deferral;
    const slot = await this.store.reserve(this.open(taken));
    if (slot === undefined) throw unavailable("No chat is left that could keep another copy.");
    return slot;
  }

  private open(taken: TakenChats): LaneAddress[] {
    return this.lanes.filter(({ chat }) => !taken.has(chat));
  }

  /**
   * Looks again when a slot's time has come: an earlier send may have taken longer than planned, or have been told to
   * wait after this slot was reserved.
   * @returns whether the lane is blocked, so that another one may be free sooner
   */
  private async awaitPermission(slot: LaneSlot, onWait: WaitListener, signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const { blockedMs, fullMs } = await this.store.hindrance(slot);
      if (blockedMs > 0) return true;
      if (fullMs <= 0) return false;
      await this.wait(fullMs, onWait, signal);
    }
  }

  private async wait(ms: number, onWait: WaitListener, signal: AbortSignal): Promise<void> {
    if (ms <= 0) return;
    const over = onWait(new Date(Date.now() + ms));
    try {
      await delay(ms, undefined, { signal });
    } finally {
      over();
    }
  }
}
