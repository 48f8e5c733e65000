/**
 * An async iterator that can be stopped while it waits: `return()` aborts the signal its events come with. A bare
 * async generator would first wait for the next event, which may never come.
 */
export function cancellable<T>(start: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> {
  const controller = new AbortController();
  const events = start(controller.signal);
  return {
    next: () => events.next(),
    return: () => {
      controller.abort();
      return events.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
