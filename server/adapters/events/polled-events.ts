import type { EventBus, Topic, Topics } from "../../kernel/events.js";
import type { Logger } from "../../kernel/log.js";
import { LocalEvents } from "./local-events.js";

const INTERVAL_MS = 1_000;
/** Changes are looked for again this far back: two writes at once may become visible in either order. */
const OVERLAP_MS = 2_000;

/** Where changes are read from. All times are the database's: this machine's clock plays no part. */
export interface ChangeFeed {
  /** When the last change was made; undefined when there never was one. */
  latest(): Promise<Date | undefined>;
  /** What changed at or after a time, oldest change first. */
  since(time: Date): Promise<Change[]>;
}

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
  private since: Date | undefined;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly log: Logger,
  ) {}

  publish<T extends Topic>(topic: T, payload: Topics[T]): void {
    this.local.publish(topic, payload);
  }

  subscribe<T extends Topic>(topic: T, signal: AbortSignal): AsyncIterableIterator<Topics[T]> {
    const events = this.local.subscribe(topic, signal);
    this.timer ??= setInterval(() => void this.poll(), INTERVAL_MS);
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
      this.since = undefined;
      this.seen.clear();
      return;
    }
    try {
      this.since ??= before((await this.feed.latest()) ?? new Date(0));
      for (const { id, at, payload } of await this.feed.since(this.since)) {
        if (this.seen.get(id) === at.getTime()) continue;
        this.seen.set(id, at.getTime());
        this.local.publish("transfer.progress", payload);
        if (before(at) > this.since) this.since = before(at);
      }
    } catch (error) {
      this.log.warn({ err: error }, "progress could not be read from the database");
    }
  }
}

function before(time: Date): Date {
  return new Date(time.getTime() - OVERLAP_MS);
}
