import { createHash, randomFillSync, randomInt } from "node:crypto";
import { AppError, isAbort, unavailable } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { Logger } from "../kernel/log.js";
import { MAX_WIRE_PADDING_BYTES, isHealthy } from "./blob.js";
import type { Part, Replica } from "./blob.js";
import { TakenChats } from "./lanes.service.js";
import type { LanesService, WaitListener } from "./lanes.service.js";
import { ChatBusy, ChatRefused } from "./vault.ports.js";
import type { ChatStore, LaneSlot, OrphanStore, PartStore } from "./vault.ports.js";

/** How often one copy is sent anew after its bytes came back wrong, before that is somebody's problem. */
const MAX_DAMAGED_SENDS = 3;
const MAX_READ_ATTEMPTS = 3;

/** One part to be brought to its number of copies. */
export interface CopyOrder {
  part: Part;
  partsTotal: number;
  /** Wanted healthy copies, each in another chat. */
  copies: number;
  /** The holder of the lease; intents of other runs are not ours to finish. */
  run: string;
  /** Room for the part and its padding, ours until `complete` has ended. */
  buffer: Buffer;
  /** Fills `target` with the part's verified bytes. Called at most once, and only when something must be sent. */
  load(target: Buffer): Promise<void>;
  onWait: WaitListener;
  /** Called when a document left for a chat and was recorded, before it is read back. */
  onSent(): void;
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
   * Brings a part to its copies. What is recorded already is read back, not sent again.
   * @returns the part with its copies
   * @throws AppError UNAVAILABLE for what may work later; ChatRefused when no chat takes it; AppError UNAVAILABLE
   * "fenced" when another run took over
   */
  async complete(order: CopyOrder, signal: AbortSignal): Promise<Part> {
    let part = order.part;
    for (const replica of part.replicas.filter((candidate) => !isHealthy(candidate))) {
      part = await this.settle(part, replica, signal);
    }
    const missing = order.copies - part.replicas.filter(isHealthy).length;
    if (missing <= 0) return part;

    await order.load(order.buffer.subarray(0, part.sizeBytes));
    randomFillSync(order.buffer, part.sizeBytes, MAX_WIRE_PADDING_BYTES);
    const taken = new TakenChats(part.replicas.map((replica) => replica.chat));
    const outcomes = await Promise.allSettled(
      Array.from({ length: missing }, () => this.copy(order, taken, signal)),
    );
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const [complete] = await this.parts.range(part.blobId, part.index, part.index);
    return complete ?? part;
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

  private async copy(order: CopyOrder, taken: TakenChats, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const replica = await this.sendOnce(order, taken, signal);
      order.onSent();
      if (!this.options.readBack) return;
      const settled = await this.settle(order.part, replica, signal);
      if (settled.replicas.some((kept) => kept.messageId === replica.messageId && kept.chat === replica.chat))
        return;
      taken.free(replica.chat);
      if (attempt === MAX_DAMAGED_SENDS) {
        throw unavailable(`Chat ${replica.chat} gave back wrong bytes ${attempt} times in a row.`);
      }
    }
  }

  /** Sends one copy into the earliest free chat, going to another one when a chat is busy or refuses. */
  private async sendOnce(order: CopyOrder, taken: TakenChats, signal: AbortSignal): Promise<Replica> {
    const refusing: string[] = [];
    try {
      for (;;) {
        const slot = await this.lanes.acquire(taken, order.onWait, signal);
        try {
          return await this.send(order, slot, signal);
        } catch (error) {
          if (error instanceof ChatBusy) {
            this.log.info({ ...slot, seconds: error.retryAfterSeconds }, "Telegram asks to wait");
            await this.lanes.busy(slot, error.retryAfterSeconds);
            taken.free(slot.chat);
          } else if (error instanceof ChatRefused && taken.size < this.lanes.chatCount) {
            this.log.warn({ ...slot, err: error }, "a chat refused a document; another one is tried");
            await this.lanes.refused(slot);
            refusing.push(slot.chat);
          } else {
            taken.free(slot.chat);
            throw error;
          }
        }
      }
    } finally {
      for (const chat of refusing) taken.free(chat);
    }
  }

  private async send(order: CopyOrder, slot: LaneSlot, signal: AbortSignal): Promise<Replica> {
    const { blobId, index } = order.part;
    // Copies share the bytes and differ in how much of the padding they take.
    const document = order.buffer.subarray(0, order.part.sizeBytes + randomInt(MAX_WIRE_PADDING_BYTES + 1));
    const sha256 = createHash("sha256").update(document).digest("hex");
    const intent = { id: newId(), bot: slot.bot, chat: slot.chat, run: order.run };
    await this.parts.recordIntent(blobId, index, intent);
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
    if (committed === undefined) {
      await this.orphans.addMessage({ intentId: intent.id, blobId, index, ...location });
      throw unavailable("Another worker took this transfer over.");
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

  /** Reads a replica back: verified when equal, dropped (and its message removed later) when not. */
  private async settle(part: Part, replica: Replica, signal: AbortSignal): Promise<Part> {
    if (await this.holds(replica, signal)) {
      return (await this.parts.markVerified(part.blobId, part.index, replica)) ?? part;
    }
    this.log.warn(
      { blobId: part.blobId, part: part.index, chat: replica.chat },
      "a copy came back wrong or is gone",
    );
    const { bot, chat, messageId } = replica;
    await this.orphans.addMessage({
      intentId: `${chat}/${messageId}`,
      blobId: part.blobId,
      index: part.index,
      bot,
      chat,
      messageId,
    });
    return (await this.parts.dropReplica(part.blobId, part.index, replica)) ?? part;
  }

  /** Whether a replica's document is there and equal. One wrong answer may be the line's fault: it is read again. */
  private async holds(replica: Replica, signal: AbortSignal): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (await this.matches(replica, signal)) return true;
      } catch (error) {
        if (isAbort(error) || signal.aborted) throw error;
        if (error instanceof AppError && error.code === "NOT_FOUND") return false;
        if (attempt === MAX_READ_ATTEMPTS) throw error;
      }
      if (attempt === MAX_READ_ATTEMPTS) return false;
    }
  }

  private async matches(replica: Replica, signal: AbortSignal): Promise<boolean> {
    const hash = createHash("sha256");
    let length = 0;
    const stream = await this.chats.open(replica, { start: 0, end: replica.sizeBytes - 1 }, signal);
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      hash.update(bytes);
      length += bytes.length;
    }
    return length === replica.sizeBytes && hash.digest("hex") === replica.sha256;
  }
}
