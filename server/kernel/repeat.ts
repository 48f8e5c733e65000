import { setTimeout as delay } from "node:timers/promises";

/**
 * Does something again and again, `pauseMs` after it ended, until `signal` aborts. A failure is told and does not end
 * the repetition.
 * @returns resolves when the last run has ended
 */
export async function repeat(
  pauseMs: number,
  task: (signal: AbortSignal) => Promise<void>,
  onError: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await task(signal).catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
