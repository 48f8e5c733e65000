import { BaseNotificationChannel } from "agenda";
import type { JobNotification } from "agenda";
import type { Redis } from "ioredis";
import type { Logger } from "../../kernel/log.js";
import { connectRedis } from "../events/redis-events.js";

const CHANNEL = "telestash:jobs";

/** Wakes workers in other processes through Redis. */
export class RedisJobChannel extends BaseNotificationChannel {
  private readonly publisher: Redis;
  private readonly subscriber: Redis;

  constructor(
    url: string,
    private readonly log: Logger,
  ) {
    super();
    this.publisher = connectRedis(url, log);
    this.subscriber = connectRedis(url, log);
    this.subscriber.on("message", (_channel, message) => {
      const notification = JSON.parse(message) as JobNotification & {
        nextRunAt: string | null;
        timestamp: string;
      };
      const { nextRunAt, timestamp } = notification;
      void this.notifyHandlers({
        ...notification,
        nextRunAt: nextRunAt === null ? null : new Date(nextRunAt),
        timestamp: new Date(timestamp),
      });
    });
  }

  connect(): Promise<void> {
    // Not awaited: a worker starts without Redis too, and finds its work a little later.
    this.subscriber
      .subscribe(CHANNEL)
      .then(() => this.setState("connected"))
      .catch((error: unknown) => this.log.warn({ err: error }, "job wake-ups do not come through Redis now"));
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.publisher.disconnect();
    this.subscriber.disconnect();
    this.setState("disconnected");
    return Promise.resolve();
  }

  async publish(notification: JobNotification): Promise<void> {
    await this.publisher.publish(CHANNEL, JSON.stringify(notification)).catch(() => undefined);
  }
}
