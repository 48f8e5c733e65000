import { setTimeout as sleep } from "node:timers/promises";

import { unavailable } from "../../kernel/errors.js";
import type { Logger } from "../../kernel/log.js";
import { TryAgain } from "./drive-refusal.js";

const LONGEST_PAUSE_MS = 16_000;

export interface Patience {
  /** How long to go on trying without any success. */
  patienceMs: number;
  /** The first pause; each further one is twice as long. */
  pauseMs: number;
  log: Logger;
}

/**
 * Repeats `attempt` after a TryAgain, with truncated exponential back-off and jitter, no sooner than the service
 * asks for.
 * @throws AppError UNAVAILABLE when patience ends; whatever else `attempt` throws
 */
export async function withPatience<T>(
  { patienceMs, pauseMs, log }: Patience,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let failures = 0; ; failures++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      const jitter = 0.5 + Math.random() / 2;
      const pause = Math.max(
        error.retryAfterMs,
        Math.min(pauseMs * 2 ** failures, LONGEST_PAUSE_MS) * jitter,
      );
      if (performance.now() + pause > deadline) {
        const retryAfterSeconds = Math.max(2, Math.ceil(error.retryAfterMs / 1000));
        throw unavailable(
          "Google Drive does not answer as it should. Try again later.",
          error,
          retryAfterSeconds,
        );
      }
      log.warn(
        { why: error.why, failures: failures + 1, pauseMs: Math.round(pause) },
        "Google Drive: trying again",
      );
      await sleep(pause, undefined, { signal });
    }
  }
}
