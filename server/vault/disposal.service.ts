import { AppError, operatorText } from "../kernel/errors.js";
import type { Told } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import type { Part, Replica } from "./blob.js";
import type { CopyService } from "./copy.service.js";
import type {
  BlobStore,
  ChatStore,
  MessageVerdict,
  RemovalResult,
  OrphanStore,
  PartStore,
  StagingArea,
} from "./vault.ports.js";

const PARTS_PER_PAGE = 50;
const PER_SWEEP = 20;
/** Not a lease holder's name: every intent there is belongs to somebody else. */
const RUN = "disposal";

/** Told what became of each message, before it is forgotten. May be told the same again after a crash. */
export type VerdictListener = (verdicts: readonly MessageVerdict[]) => Promise<void>;

/** Removes condemned blobs: every message, everything staged, the documents last. */
export class DisposalService {
  constructor(
    private readonly blobs: BlobStore,
    private readonly parts: PartStore,
    private readonly orphans: OrphanStore,
    private readonly outside: { chats: ChatStore; staging: StagingArea },
    private readonly copies: CopyService,
    private readonly log: Logger,
  ) {}

  /**
   * Removes a condemned blob. Safe to repeat and to run twice at once: it goes on where it stopped, and a message is
   * forgotten only once the chat confirmed that it is gone.
   * @param onBegin told how many copies are still to be removed
   * @returns why something is left, and it has to be tried again; undefined when nothing is
   * @throws AppError UNAVAILABLE when the staging area or the database cannot be reached
   */
  async dispose(
    blobId: string,
    onVerdicts: VerdictListener,
    signal: AbortSignal,
    onBegin: (copies: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<Told | undefined> {
    // From here on no worker that still runs can add a copy: it is refused an intent, or its commit.
    await this.parts.close(blobId);
    await this.copies.withdrawForeign(blobId, RUN);
    await onBegin(await this.parts.countReplicas(blobId));
    const { receipt, stagedId } = await this.blobs.stagedTraces(blobId);
    if (stagedId !== undefined) await this.outside.staging.discard(stagedId, signal);
    else if (receipt !== undefined) await this.outside.staging.abandon(receipt, signal);
    await this.blobs.clearStaged(blobId);
    const reason = await this.removeCopies(blobId, onVerdicts, signal);
    if (reason !== undefined) return reason;
    const stray = await this.orphans.countOf(blobId);
    if (stray > 0) return { message: `${stray} messages of sends that were cut short are not removed yet.` };
    await this.blobs.remove(blobId);
    return undefined;
  }

  /**
   * Takes a file off a blob's holders, and removes the blob when it was the last one. Safe to repeat.
   * @throws AppError UNAVAILABLE while something is left of a blob that nobody holds
   */
  async discard(blobId: string, holder: string, signal: AbortSignal): Promise<void> {
    if (!(await this.blobs.release(blobId, holder))) return;
    const reason = await this.dispose(blobId, () => Promise.resolve(), signal);
    if (reason !== undefined)
      throw new AppError("UNAVAILABLE", reason.message, { retryAfterSeconds: 2 }, reason);
  }

  /** Removes what somebody condemned who did not come back to remove it. */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const blobId of await this.blobs.condemned(PER_SWEEP)) {
      const reason = await this.dispose(blobId, () => Promise.resolve(), signal);
      if (reason !== undefined)
        this.log.warn({ blobId, reason: operatorText(reason) }, "a condemned blob is not removed yet");
    }
  }

  private async removeCopies(
    blobId: string,
    onVerdicts: VerdictListener,
    signal: AbortSignal,
  ): Promise<Told | undefined> {
    let reason: Told | undefined;
    for (let after = -1; ;) {
      signal.throwIfAborted();
      const page = await this.parts.withReplicas(blobId, after, PARTS_PER_PAGE);
      if (page.length === 0) return reason;
      const { removed, refusal } = await this.removePage(page, onVerdicts, signal);
      reason ??= refusal;
      // What refuses a whole page refuses the next one too: it is tried again later.
      if (removed === 0) return reason;
      after = page.at(-1)?.index ?? after;
    }
  }

  private async removePage(
    page: readonly Part[],
    onVerdicts: VerdictListener,
    signal: AbortSignal,
  ): Promise<{ removed: number; refusal: Told | undefined }> {
    const copies = page.flatMap((part) => part.replicas.map((replica) => ({ part, replica })));
    const results = await this.outside.chats.remove(
      copies.map(({ replica }) => replica),
      signal,
    );
    const verdicts = copies.map(({ replica }, i) => verdictOf(replica, results[i]));
    await onVerdicts(verdicts);
    for (const [i, { part, replica }] of copies.entries()) {
      if (verdicts[i]?.removed === true) await this.parts.dropReplica(part.blobId, part.index, replica);
    }
    const left = verdicts.find(({ removed }) => !removed);
    return {
      removed: verdicts.filter(({ removed }) => removed).length,
      refusal: left && { message: left.reason ?? "No answer.", forOperators: left.forOperators },
    };
  }
}

function verdictOf(
  { bot, chat, messageId }: Replica,
  result: RemovalResult = { removed: false, reason: "No answer." },
): MessageVerdict {
  return { bot, chat, messageId, ...result };
}
