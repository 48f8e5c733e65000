import type { ChatStore, MessageLocation, OrphanStore } from "./vault.ports.js";

const PER_SWEEP = 100;
const RETRY_MS = 60_000;

/** Removes messages that no part refers to. A message is forgotten only once the chat confirmed that it is gone. */
export class OrphansService {
  constructor(
    private readonly orphans: OrphanStore,
    private readonly chats: ChatStore,
  ) {}

  /** Takes a message that no part refers to, and that was to be gone. Safe to repeat. */
  async list({ bot, chat, messageId }: Pick<MessageLocation, "bot" | "chat" | "messageId">): Promise<void> {
    const intentId = `${chat}/${messageId}`;
    await this.orphans.addMessage({ intentId, blobId: "", index: 0, bot, chat, messageId });
  }

  async sweep(signal: AbortSignal): Promise<void> {
    const due = await this.orphans.removable(PER_SWEEP);
    if (due.length === 0) return;
    const results = await this.chats.remove(due, signal);
    for (const [i, orphan] of due.entries()) {
      const result = results[i] ?? { removed: false, reason: "no answer" };
      await this.orphans.settle(orphan.id, result, RETRY_MS * 2 ** Math.min(orphan.attempts, 8));
    }
  }
}
