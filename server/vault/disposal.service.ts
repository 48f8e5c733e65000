import { withEach } from "../kernel/each.js";
import { AppError, operatorText, toldAfter } from "../kernel/errors.js";
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
/** Whoever tries to remove a blob tries again sooner than this: no sweep comes in between. */
const TRIERS_MS = 2 * 3_600_000;
const RETRY_MS = 300_000;
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
    await this.blobs.postponeDisposal(blobId, TRIERS_MS);
    // From here on no worker that still runs can add a copy: it is refused an intent, or its commit.
    await this.parts.close(blobId);
    await this.copies.withdrawForeign(blobId, RUN);
    await onBegin(await this.parts.countReplicas(blobId));
    // One being away is no reason to leave the bytes in the other.
    const staged = await this.removeStaged(blobId, signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const reason = await this.removeCopies(blobId, onVerdicts, signal);
    if (staged !== undefined) throw staged.error;
    if (reason !== undefined) return reason;
    const stray = await this.orphans.standingOf(blobId);
    if (stray.count > 0) return leftOver(stray);
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

  /** Removes what somebody condemned who did not come back to remove it. What cannot be removed comes again last. */
  async sweep(signal: AbortSignal): Promise<void> {
    await withEach(
      await this.blobs.condemned(PER_SWEEP),
      async (blobId) => {
        const ended = this.dispose(blobId, () => Promise.resolve(), signal);
        const reason = await ended.finally(() => this.blobs.postponeDisposal(blobId, RETRY_MS));
        if (reason !== undefined)
          this.log.warn({ blobId, reason: operatorText(reason) }, "a condemned blob is not removed yet");
      },
      signal,
    );
  }

  private async removeStaged(blobId: string, signal: AbortSignal): Promise<void> {
    const { receipt, stagedId } = await this.blobs.stagedTraces(blobId);
    if (stagedId !== undefined) await this.outside.staging.discard(stagedId, signal);
    else if (receipt !== undefined) await this.outside.staging.abandon(receipt, signal);
    await this.blobs.clearStaged(blobId);
  }

  private async removeCopies(
    blobId: string,
    onVerdicts: VerdictListener,
    signal: AbortSignal,
  ): Promise<Told | undefined> {
    let reason: Told | undefined;
    const shut = new Set<string>();
    for (let after = -1; ;) {
      signal.throwIfAborted();
      const page = await this.parts.withReplicas(blobId, after, PARTS_PER_PAGE);
      if (page.length === 0) return reason;
      const refusal = await this.removePage(page, shut, onVerdicts, signal);
      reason ??= refusal;
      after = page.at(-1)?.index ?? after;
    }
  }

  /**
   * @param shut lanes that are not asked any more, since they refused; grows
   * @returns why something is left
   */
  private async removePage(
    page: readonly Part[],
    shut: Set<string>,
    onVerdicts: VerdictListener,
    signal: AbortSignal,
  ): Promise<Told | undefined> {
    const copies = page
      .flatMap((part) => part.replicas.map((replica) => ({ part, replica })))
      .filter(({ replica }) => !shut.has(laneOf(replica)));
    if (copies.length === 0) return undefined;
    const results = await this.outside.chats.remove(
      copies.map(({ replica }) => replica),
      signal,
    );
    const verdicts = copies.map(({ replica }, i) => verdictOf(replica, results[i]));
    await onVerdicts(verdicts);
    for (const [i, { part, replica }] of copies.entries()) {
      const result = results[i];
      if (result?.removed === true) await this.parts.dropReplica(part.blobId, part.index, replica);
      else if (result?.isLanes) shut.add(laneOf(replica));
    }
    const left = verdicts.find(({ removed }) => !removed);
    return left && { message: left.reason ?? "No answer.", forOperators: left.forOperators };
  }
}

function laneOf({ bot, chat }: Replica): string {
  return `${bot} ${chat}`;
}

function verdictOf({ bot, chat, messageId }: Replica, result: RemovalResult | undefined): MessageVerdict {
  const place = { bot, chat, messageId };
  if (result?.removed === true) return { ...place, removed: true };
  const { reason = "No answer.", forOperators } = result ?? {};
  return { ...place, removed: false, reason, forOperators };
}

function leftOver({ count, why }: { count: number; why: Told | undefined }): Told {
  const what = `${count} messages of sends that were cut short are not removed yet.`;
  return why === undefined ? { message: what } : toldAfter(what, why);
}
