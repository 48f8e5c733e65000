import { setTimeout as delay } from "node:timers/promises";
import { AppError, unavailable } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import type { Mail, Mailer } from "./mailer.ports.js";

const TIMEOUT_MS = 60_000;
/** Somebody waits for the answer. */
const WAITED_FOR_MS = 10_000;
const PAUSES_MS: readonly number[] = [2_000, 15_000, 60_000, 300_000];

/** Sends mails behind the answer, so that its time tells nothing about an account, and again when the server is away. */
export class OutgoingMail {
  private readonly sending = new Set<Promise<void>>();
  private readonly draining = new AbortController();

  constructor(
    /** Undefined when no mail server is configured. */
    private readonly mailer: Mailer | undefined,
    private readonly log: Logger,
  ) {}

  get isConfigured(): boolean {
    return this.mailer !== undefined;
  }

  /** @param write makes the mail, or answers undefined when there is none to send */
  later(about: string, write: () => Promise<Mail | undefined>): void {
    const running: Promise<void> = this.deliver(write)
      .catch((error: unknown) => this.log.error({ err: error }, `the mail about ${about} could not be sent`))
      .finally(() => this.sending.delete(running));
    this.sending.add(running);
  }

  /** Sends while the caller waits. @throws AppError UNAVAILABLE when the mail server does not take it, or there is none */
  async handOver(mail: Mail): Promise<void> {
    if (!this.mailer) throw unavailable("Mail is not configured here.");
    await this.mailer.send(mail, AbortSignal.timeout(WAITED_FOR_MS));
  }

  /** Sends while the caller waits. @returns whether the mail server took it */
  async now(about: string, mail: Mail): Promise<boolean> {
    if (!this.mailer) return false;
    try {
      await this.handOver(mail);
      return true;
    } catch (error) {
      this.log.error({ err: error }, `the mail about ${about} could not be sent`);
      return false;
    }
  }

  /** Waits for the mails on their way, but no longer than told; from now on a failed one is not tried again. */
  async drain(withinMs: number): Promise<void> {
    this.draining.abort();
    const late = new AbortController();
    await Promise.race([
      Promise.all(this.sending),
      delay(withinMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  private async deliver(write: () => Promise<Mail | undefined>): Promise<void> {
    const mail = await write();
    if (!mail || !this.mailer) return;
    for (const pause of PAUSES_MS) {
      try {
        await this.mailer.send(mail, AbortSignal.timeout(TIMEOUT_MS));
        return;
      } catch (error) {
        if (!(error instanceof AppError) || this.draining.signal.aborted) throw error;
        await delay(pause, undefined, { signal: this.draining.signal, ref: false }).catch(() => undefined);
      }
    }
    await this.mailer.send(mail, AbortSignal.timeout(TIMEOUT_MS));
  }
}
