/**
 * Does work with each thing, one after another. One that fails does not keep those behind it waiting.
 * @throws the first failure, after all had their turn; the reason when `signal` aborts
 */
export async function withEach<T>(
  things: Iterable<T>,
  work: (thing: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  for (const thing of things) {
    signal?.throwIfAborted();
    try {
      await work(thing);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
