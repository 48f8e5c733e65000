import { LocalEvents } from "../adapters/events/local-events.js";
import { PolledEvents } from "../adapters/events/polled-events.js";
import { RedisEvents } from "../adapters/events/redis-events.js";
import type { EventBus } from "../kernel/events.js";
import type { Logger } from "../kernel/log.js";
import { progressOf } from "../transfers/transfer.js";
import type { TransferStore } from "../transfers/transfers.ports.js";

/** Role `all` hears itself; several processes hear each other through Redis, or else ask the database. */
export function openEvents(
  redisUrl: string | undefined,
  role: "api" | "worker" | "all",
  transfers: TransferStore,
  log: Logger,
): EventBus {
  if (redisUrl !== undefined) return new RedisEvents(redisUrl, log);
  if (role === "all") return new LocalEvents();
  const since = async (time: Date) =>
    (await transfers.changedSince(time, 1_000)).map((transfer) => {
      return { id: transfer.id, at: transfer.updatedAt, payload: progressOf(transfer) };
    });
  return new PolledEvents({ latest: () => transfers.latestChange(), since }, log);
}
