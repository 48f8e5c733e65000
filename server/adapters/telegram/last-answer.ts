/** Telegram answers soon once it has a document. */
const ANSWER_MS = 3_000;

/**
 * A signal that follows another one, except while an answer is due: once everything was sent, whether it was stored is
 * better waited for a moment than never known.
 */
export class LastAnswer {
  private readonly controller = new AbortController();
  private isAnswerDue = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly followed: AbortSignal) {
    followed.addEventListener("abort", this.follow);
    if (followed.aborted) this.follow();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Everything was sent. */
  expect(): void {
    this.isAnswerDue = true;
  }

  /** The answer is there, or will not come. */
  close(): void {
    clearTimeout(this.timer);
    this.followed.removeEventListener("abort", this.follow);
  }

  private readonly follow = (): void => {
    const abort = (): void => this.controller.abort(this.followed.reason);
    if (this.isAnswerDue) this.timer = setTimeout(abort, ANSWER_MS);
    else abort();
  };
}
