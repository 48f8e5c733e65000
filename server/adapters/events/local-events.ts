import { EventEmitter, on } from "node:events";
import type { EventBus, Topic, Topics } from "../../kernel/events.js";

/** Carries events within one process: enough for role `all`. */
export class LocalEvents implements EventBus {
  private readonly emitter = new EventEmitter().setMaxListeners(0);

  publish<T extends Topic>(topic: T, payload: Topics[T]): void {
    this.emitter.emit(topic, payload);
  }

  subscribe<T extends Topic>(topic: T, signal: AbortSignal): AsyncIterableIterator<Topics[T]> {
    // Listens from here on, not from the first `next()`: what is read after subscribing is never outdated.
    const events = on(this.emitter, topic, { signal });
    return (async function* () {
      try {
        for await (const [payload] of events as AsyncIterable<[Topics[T]]>) yield payload;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    })();
  }

  /** How many listen to a topic now. */
  listeners(topic: Topic): number {
    return this.emitter.listenerCount(topic);
  }

  close(): Promise<void> {
    this.emitter.removeAllListeners();
    return Promise.resolve();
  }
}
