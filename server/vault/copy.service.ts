import { createHash, randomFillSync, randomInt } from "node:crypto";
import { isUnavailable, unavailable } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { Logger } from "../kernel/log.js";
import { MAX_WIRE_PADDING_BYTES, TakenOver, isHealthy } from "./blob.js";
import type { Part, Replica } from "./blob.js";
import { CopyDeferred, TakenChats } from "./lanes.service.js";
import type { LanesService, WaitListener } from "./lanes.service.js";
import { isIntact } from "./read-back.js";
import { ChatBusy, ChatRefused } from "./vault.ports.js";
import type { ChatStore, LaneSlot, OrphanStore, PartStore } from "./vault.ports.js";

/** How often one copy is sent anew after its bytes came back wrong, before that is somebody's problem. */
const MAX_DAMAGED_SENDS = 3;

/** One part to be brought to its number of copies. */
export interface CopyOrder {
  part: Part;
  partsTotal: number;
  /** Wanted healthy copies, each in another chat. */
  copies: number;
  /** Whose bytes they are: owners share the chats fairly. */
  ownerId?: string;
  /** The holder of the lease; intents of other runs are not ours to finish. */
  run: string;
  /** Room for the part and its padding, ours until `complete` has ended. */
  buffer: Buffer;
  /** Fills `target` with the part's verified bytes. Called at most once, and only when something must be sent. */
  load(target: Buffer): Promise<void>;
  onWait: WaitListener;
  /** What a send that has begun listens to, when it may be finished after `signal` aborted. */
  finishing?: AbortSignal;
  /** Called when a document left for a chat and was recorded, before it is read back. */
  onSent(): void;
}

/** A part has a good copy, and fewer than wanted. */
export interface Shortfall {
  reason: unknown;
}

/** Makes copies of parts in chats: intent first, then send, record, read back. */
export class CopyService {
  constructor(
    private readonly chats: ChatStore,
    private readonly lanes: LanesService,
    private readonly parts: PartStore,
    private readonly orphans: OrphanStore,
    private readonly log: Logger,
    private readonly options: { readBack: boolean },
  ) {}

  /**
   * Brings a part to its copies. What is recorded already is read back, not sent again; a copy that comes back wrong
   * stays, for its good blocks, until another one has taken its place. One that is doubted and cannot be reached stays
   * for good: it counts for nothing before it was read back, and keeps its chat.
   * @returns why copies are missing, when at least one good one is there and the others may come later
   * @throws AppError UNAVAILABLE for what may work later; CopyDeferred when no chat takes it soon; ChatRefused when the
   * only one does not; BytesDamaged when the bytes are nowhere; TakenOver when another run holds the lease
   */
  async complete(order: CopyOrder, signal: AbortSignal): Promise<Shortfall | undefined> {
    const bad: Replica[] = [];
    const away: Replica[] = [];
    for (const replica of order.part.replicas.filter((candidate) => !isHealthy(candidate))) {
      const isGood = await this.verify(order.part, replica, signal).catch((error: unknown) => {
        if (replica.suspectAt === undefined || !isOutage(error)) throw error;
        away.push(replica);
      });
      if (isGood === false) bad.push(replica);
    }
    const good = order.part.replicas.filter((replica) => !bad.includes(replica) && !away.includes(replica));
    const taken = new TakenChats([...good, ...away].map((replica) => replica.chat));
    const shortfall =
      good.length < order.copies ? await this.addCopies(order, good.length, taken, signal) : undefined;
    if (shortfall === undefined) for (const replica of bad) await this.drop(order.part, replica);
    return shortfall;
  }

  /** Intents of runs that lost their lease become orphans to look for, which also refuses their late commits. */
  async withdrawForeign(blobId: string, run: string): Promise<void> {
    for (const { index, intent } of await this.parts.foreignIntents(blobId, run)) {
      await this.orphans.addUnknown({
        intentId: intent.id,
        blobId,
        index,
        bot: intent.bot,
        chat: intent.chat,
      });
      const withdrawn = await this.parts.withdrawIntent(blobId, index, intent.id);
      if (!withdrawn) await this.orphans.forget(intent.id);
    }
  }

  private async addCopies(
    order: CopyOrder,
    present: number,
    taken: TakenChats,
    signal: AbortSignal,
  ): Promise<Shortfall | undefined> {
    const { ownerId } = order;
    const deferral = () => this.lanes.deferral(taken, { ownerId, sinceMs: performance.now() });
    const early = await deferral();
    if (early !== undefined) {
      if (present === 0) throw early;
      return { reason: early };
    }
    await order.load(order.buffer.subarray(0, order.part.sizeBytes));
    randomFillSync(order.buffer, order.part.sizeBytes, MAX_WIRE_PADDING_BYTES);
    const missing = Array.from({ length: order.copies - present }, () => this.copy(order, taken, signal));
    const outcomes = await Promise.allSettled(missing);
    signal.throwIfAborted();
    const reasons = outcomes
      .filter((outcome) => outcome.status === "rejected")
      .map(({ reason }) => reason as unknown);
    if (reasons.length === 0) return undefined;
    // What each copy met is a while ago, and was less than all chats: the lanes know better by now.
    const putOff = async () => (await deferral()) ?? new CopyDeferred({ waitMs: 0, isBlocked: false });
    const reason: unknown = reasons.find((failure) => !(failure instanceof CopyDeferred)) ?? (await putOff());
    const isNowhere = present === 0 && reasons.length === outcomes.length;
    if (isNowhere || reason instanceof TakenOver) throw reason;
    return { reason };
  }

  private async copy(order: CopyOrder, taken: TakenChats, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const replica = await this.sendOnce(order, taken, signal);
      order.onSent();
      if (!this.options.readBack || (await this.verify(order.part, replica, signal))) return;
      await this.drop(order.part, replica);
      taken.free(replica.chat);
      await this.lanes.failed(replica);
      if (attempt === MAX_DAMAGED_SENDS) {
        throw unavailable(`A chat gave back wrong bytes ${attempt} times in a row. The log says which.`);
      }
    }
  }

  /** Sends one copy into the earliest free lane, going to another one when it is busy, refuses, or fails once. */
  private async sendOnce(order: CopyOrder, taken: TakenChats, signal: AbortSignal): Promise<Replica> {
    const { onWait, ownerId } = order;
    const how = { onWait, ownerId, sinceMs: performance.now() };
    for (let outages = 0; ;) {
      const slot = await this.lanes.acquire(taken, how, signal);
      try {
        return await this.send(order, slot, order.finishing ?? signal);
      } catch (error) {
        if (isOutage(error)) outages += 1;
        const isLeftAlone = await this.leaveAlone(slot, error).finally(() => taken.free(slot.chat));
        if (!isLeftAlone || outages > 1) throw error;
        if (outages > 0 && !(await this.lanes.isAnySoon(taken))) throw error;
      }
    }
  }

  /**
   * Lets nobody use a lane for a while that did not take a document.
   * @returns whether it was the lane's fault, so that the document may go to another one, or to this one later
   */
  private async leaveAlone(slot: LaneSlot, error: unknown): Promise<boolean> {
    if (error instanceof ChatBusy) {
      this.log.info({ ...slot, seconds: error.retryAfterSeconds }, "Telegram asks to wait");
      await this.lanes.busy(slot, error.retryAfterSeconds);
      return true;
    }
    if (error instanceof ChatRefused) {
      const isPassedBy = await this.lanes.refused(slot, error);
      if (isPassedBy)
        this.log.warn({ ...slot, err: error }, "a chat refused a document; another lane is tried");
      return isPassedBy;
    }
    return isOutage(error) && (await this.lanes.failed(slot));
  }

  private async send(order: CopyOrder, slot: LaneSlot, signal: AbortSignal): Promise<Replica> {
    const { blobId, index } = order.part;
    // Copies share the bytes and differ in how much of the padding they take.
    const document = order.buffer.subarray(0, order.part.sizeBytes + randomInt(MAX_WIRE_PADDING_BYTES + 1));
    const sha256 = createHash("sha256").update(document).digest("hex");
    const intent = { id: newId(), bot: slot.bot, chat: slot.chat, run: order.run };
    if (!(await this.parts.recordIntent(blobId, index, intent))) throw new TakenOver();
    const location = await this.chats
      .send(
        slot,
        {
          name: `${blobId}-${index}.bin`,
          caption: `telestash/1 ${blobId} ${index + 1}/${order.partsTotal} ${sha256}`,
          bytes: document,
        },
        signal,
      )
      .catch(async (error: unknown) => {
        await this.withdraw(order, intent, error);
        throw error;
      });
    await this.lanes.sent(slot);
    const replica: Replica = {
      ...location,
      sizeBytes: document.length,
      sha256,
      verifiedAt: this.options.readBack ? undefined : new Date(),
      suspectAt: undefined,
    };
    const committed = await this.parts.commitReplica(blobId, index, intent.id, replica);
    if (!committed) {
      await this.orphans.addMessage({ intentId: intent.id, blobId, index, ...location });
      throw new TakenOver();
    }
    return replica;
  }

  /** Only Telegram's own refusal proves that nothing was posted; anything else may have left a message behind. */
  private async withdraw(
    order: CopyOrder,
    intent: { id: string; bot: string; chat: string },
    error: unknown,
  ) {
    const { blobId, index } = order.part;
    const refused = error instanceof ChatBusy || error instanceof ChatRefused;
    if (!refused) {
      await this.orphans.addUnknown({
        intentId: intent.id,
        blobId,
        index,
        bot: intent.bot,
        chat: intent.chat,
      });
    }
    await this.parts.withdrawIntent(blobId, index, intent.id);
  }

  /** Reads a replica back, and records whether it is good. */
  private async verify(part: Part, replica: Replica, signal: AbortSignal): Promise<boolean> {
    const { blobId, index } = part;
    const isGood = await isIntact(this.chats, replica, signal);
    if (isGood) await this.parts.markVerified(blobId, index, replica);
    else {
      this.log.warn({ blobId, part: index, chat: replica.chat }, "a copy came back wrong or is gone");
      await this.parts.markSuspect(blobId, index, replica);
    }
    return isGood;
  }

  /** Listed as an orphan first: a message that nothing refers to is never forgotten. */
  private async drop({ blobId, index }: Part, replica: Replica): Promise<void> {
    const { bot, chat, messageId } = replica;
    await this.orphans.addMessage({
      ...{ intentId: `${chat}/${messageId}`, blobId, index },
      ...{ bot, chat, messageId },
    });
    await this.parts.dropReplica(blobId, index, replica);
  }
}

/** A lease that was taken over is none: whoever has it now goes on. */
function isOutage(error: unknown): boolean {
  return isUnavailable(error) && !(error instanceof TakenOver);
}
