import { Redis } from "ioredis";
import type { EventBus, Topic, Topics } from "../../kernel/events.js";
import type { Logger } from "../../kernel/log.js";
import { LocalEvents } from "./local-events.js";

const CHANNEL = "telestash:events";
const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Carries events between processes through Redis. While Redis is away events are missed, and nothing else. */
export class RedisEvents implements EventBus {
  private readonly local = new LocalEvents();
  private readonly publisher: Redis;
  private readonly subscriber: Redis;

  constructor(url: string, log: Logger) {
    this.publisher = connectRedis(url, log);
    this.subscriber = connectRedis(url, log);
    this.subscriber.on("message", (_channel, message) => {
      const { topic, payload } = JSON.parse(message, reviveDates) as { topic: Topic; payload: Topics[Topic] };
      this.local.publish(topic, payload);
    });
    this.subscriber
      .subscribe(CHANNEL)
      .catch((error: unknown) => log.warn({ err: error }, "Redis is not listening"));
  }

  publish<T extends Topic>(topic: T, payload: Topics[T]): void {
    this.publisher.publish(CHANNEL, JSON.stringify({ topic, payload })).catch(() => undefined);
  }

  subscribe<T extends Topic>(topic: T, signal: AbortSignal): AsyncIterableIterator<Topics[T]> {
    return this.local.subscribe(topic, signal);
  }

  async close(): Promise<void> {
    this.publisher.disconnect();
    this.subscriber.disconnect();
    await this.local.close();
  }
}

/** A client that keeps trying in the background and says once in a while that it does. */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on("error", (error: Error) => log.warn({ err: error }, "Redis cannot be reached"));
  return redis;
}

function reviveDates(_key: string, value: unknown): unknown {
  return typeof value === "string" && ISO_DATE.test(value) ? new Date(value) : value;
}
