import type { EventBus, Topic, Topics } from "../../kernel/events.js";
import type { Logger } from "../../kernel/log.js";
import { LocalEvents } from "./local-events.js";

const INTERVAL_MS = 1_000;
/** Documents are written by other machines: their clocks and ours may differ by this much. */
const OVERLAP_MS = 2_000;

interface Change {
  id: string;
  at: Date;
  payload: Topics["transfer.progress"];
}

/**
 * Without a bus between processes: while somebody watches, asks the database once a second what has changed. What
 * this process itself publishes arrives at once.
 */
export class PolledEvents implements EventBus {
  private readonly local = new LocalEvents();
  private readonly seen = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private since = new Date();

  /** @param changedSince the transfers that changed at or after a time, oldest change first */
  constructor(
    private readonly changedSince: (since: Date) => Promise<Change[]>,
    private readonly log: Logger,
  ) {}

  publish<T extends Topic>(topic: T, payload: Topics[T]): void {
    this.local.publish(topic, payload);
  }

  subscribe<T extends Topic>(topic: T, signal: AbortSignal): AsyncIterableIterator<Topics[T]> {
    const events = this.local.subscribe(topic, signal);
    if (this.timer === undefined) {
      this.since = new Date(Date.now() - OVERLAP_MS);
      this.timer = setInterval(() => void this.poll(), INTERVAL_MS);
    }
    return events;
  }

  close(): Promise<void> {
    clearInterval(this.timer);
    return this.local.close();
  }

  private async poll(): Promise<void> {
    if (this.local.listeners("transfer.progress") === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      this.seen.clear();
      return;
    }
    try {
      for (const { id, at, payload } of await this.changedSince(this.since)) {
        if (this.seen.get(id) === at.getTime()) continue;
        this.seen.set(id, at.getTime());
        this.local.publish("transfer.progress", payload);
        this.since = new Date(Math.max(this.since.getTime(), at.getTime() - OVERLAP_MS));
      }
    } catch (error) {
      this.log.warn({ err: error }, "progress could not be read from the database");
    }
  }
}
