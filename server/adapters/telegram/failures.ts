import type { AppError, Told } from "../../kernel/errors.js";
import { isAbort, needingOperator, unavailable, unavailableUntilMended } from "../../kernel/errors.js";
import { ChatBusy, ChatRefused } from "../../vault/vault.ports.js";

const MIN_WAIT_SECONDS = 1;
const MAX_WAIT_SECONDS = 3600;
const DEFAULT_WAIT_SECONDS = 5;
const MAX_CAUSES = 4;
const REFUSES = "Telegram refuses this.";

/** Telegram answered, and the answer is no. The description is Telegram's own, without secrets. */
export class BotApiError extends Error {
  override readonly name = "BotApiError";

  constructor(
    readonly code: number,
    readonly description: string,
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(`${code}: ${description}`);
  }

  get isBusy(): boolean {
    return this.code === 429 || this.code === 420;
  }
}

/** Removes bot tokens from text: they are part of every Bot API URL, and so of most errors. */
export class Redactor {
  private readonly secrets: readonly string[];

  constructor(tokens: readonly string[]) {
    const secretOf = (token: string): string => token.slice(token.indexOf(":") + 1);
    this.secrets = [
      ...new Set(tokens.flatMap((token) => [secretOf(token), encodeURIComponent(secretOf(token))])),
    ];
  }

  text(text: string): string {
    return this.secrets.reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
  }

  /**
   * A copy of an error that may be logged: vendors' errors hold URLs with the token in message and stack, and the
   * payload of a failed call as well.
   */
  error(error: unknown, depth = 1): Error {
    if (!(error instanceof Error)) return new Error(this.text(String(error)));
    const code = (error as { code?: unknown }).code;
    const label = typeof code === "string" ? `${error.name} ${code}` : error.name;
    const cause =
      error.cause !== undefined && depth < MAX_CAUSES ? this.error(error.cause, depth + 1) : undefined;
    return new Error(this.text(`${label}: ${error.message}`), cause === undefined ? {} : { cause });
  }
}

/**
 * What went wrong, out of what telegraf throws: an answer of Telegram as BotApiError, everything else (no answer, an
 * answer nobody can read, a broken server) as UNAVAILABLE.
 */
export function failureOf(error: unknown, redactor: Redactor): BotApiError | AppError {
  const response = (error as { response?: unknown }).response;
  const { error_code: code, description, parameters } = (response ?? {}) as Record<string, unknown>;
  if (typeof code === "number" && code >= 400 && code < 500) {
    const text = redactor.text(typeof description === "string" ? description : "no description");
    return new BotApiError(code, text, waitOf(code, parameters, text));
  }
  return unavailable("Telegram cannot be reached or does not answer properly.", redactor.error(error));
}

/** As `send` reports it: busy, refused for good, or UNAVAILABLE. */
export function asSendFailure(error: unknown): unknown {
  if (!(error instanceof BotApiError)) return error;
  if (error.isBusy) return new ChatBusy(error.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS);
  if (error.code === 409) return asUnavailable(error);
  // Without the chat's id: where chats are looked after, this stands beside its chat.
  return new ChatRefused(advice(error));
}

/** As everything that reads reports it: what the chat says no to now may work later. */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof BotApiError)) return error;
  const wait = error.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS;
  if (error.isBusy) return unavailable(`Telegram asks to wait ${wait} s.`, error, wait);
  return unavailableUntilMended(REFUSES, advice(error), error, 2);
}

/** As what is no error says it. */
export function refusalText(error: BotApiError): Told {
  return needingOperator(REFUSES, advice(error));
}

/** What happened and what to do about it, in the operator's words. */
export function advice(error: BotApiError): string {
  const { code, description } = error;
  if (isUnknownMethod(error)) return `The Bot API server is too old for this (${description}). Update it.`;
  if (code === 401 || code === 404)
    return `The bot's token is not accepted (${description}). Check TELEGRAM_BOT_TOKEN.`;
  if (code === 403)
    return `The bot may not post there (${description}). Make it an administrator of the chat.`;
  if (code === 413) return `The document is too large (${description}).`;
  if (/chat not found/i.test(description))
    return `${description}. Check TELEGRAM_CHAT_IDS and add the bot to the chat.`;
  return `${description}.`;
}

/** Whether a reading failed since the bot's token is not accepted any more. */
export function isOfRefusedToken(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof BotApiError && cause.code === 401;
}

/** A wrong token and a method that the server does not have are both 404. */
export function isUnknownMethod(error: unknown): boolean {
  return error instanceof BotApiError && error.code === 404 && /method not found/i.test(error.description);
}

/** True for errors that end a call because its caller asked for it. */
export function isCallersAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || isAbort(error));
}

function waitOf(code: number, parameters: unknown, description: string): number | undefined {
  if (code !== 429 && code !== 420) return undefined;
  const given = (parameters as { retry_after?: unknown } | undefined | null)?.retry_after;
  const [, told] = /retry after (\d+)/i.exec(description) ?? [];
  const seconds = [given, told].map(Number).find(Number.isFinite) ?? DEFAULT_WAIT_SECONDS;
  return Math.min(MAX_WAIT_SECONDS, Math.max(MIN_WAIT_SECONDS, Math.ceil(seconds)));
}
