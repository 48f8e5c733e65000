import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits until `look` gives a value that `isDone`, looking again and again. Fails showing the last value.
 * @param isDone truthiness unless told
 */
export async function eventually<T>(
  look: () => Promise<T> | T,
  isDone: (value: T) => boolean = Boolean,
  timeoutMs = 20_000,
  pauseMs = 25,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (isDone(value)) return value;
    if (performance.now() > deadline) {
      throw new Error(`Not so within ${timeoutMs} ms. The last value: ${JSON.stringify(value)}`);
    }
    await delay(pauseMs);
  }
}
