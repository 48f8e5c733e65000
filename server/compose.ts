import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { InMemoryNotificationChannel } from "agenda";
import { AgendaQueue } from "./adapters/agenda/agenda-queue.js";
import { RedisJobChannel } from "./adapters/agenda/redis-channel.js";
import { createLog } from "./adapters/log/pino-log.js";
import { connectMongo } from "./adapters/mongo/connection.js";
import { openStores } from "./compose/stores.js";
import { openEvents } from "./compose/events.js";
import { secretsOf } from "./compose/secrets.js";
import type { Config } from "./config.js";
import { openHttp } from "./compose/api.js";
import { connectOutside } from "./compose/outside.js";
import { buildServices } from "./compose/services.js";
import { startWork } from "./compose/work.js";

export type ProcessRole = "api" | "worker" | "all";

/** A running Telestash process. */
export interface App {
  /** Where the API listens; undefined for a worker. */
  readonly url: string | undefined;
  /** Stops within ten seconds: takes nothing new, ends or hands back what is under way, closes connections. */
  stop(): Promise<void>;
}

const HTTP_CLOSE_MS = 3_000;
const MAIL_CLOSE_MS = 2_000;

/**
 * Builds and starts a process in its role.
 * @param consoleDir where the built console lies; without it `/admin` says that it is not built
 * @throws when the database cannot be reached or the port is taken
 */
export async function compose(config: Config, role: ProcessRole, consoleDir?: string): Promise<App> {
  const log = createLog({
    level: config.logLevel,
    production: config.production,
    secrets: secretsOf(config),
  });
  for (const note of config.notes) log.warn({}, note);
  const connection = await connectMongo(config.mongo.uri, config.mongo.database);
  const outside = connectOutside(config, log);
  const stores = openStores(connection, config, log);
  const events = openEvents(config.redisUrl, role, stores.transfers, log);
  const channel =
    config.redisUrl === undefined
      ? new InMemoryNotificationChannel()
      : new RedisJobChannel(config.redisUrl, log);
  const worker = `${hostname()}/${process.pid}/${randomUUID()}`;
  const queue = new AgendaQueue(connection, { name: worker, channel, log });
  const services = buildServices({ config, log, outside, stores, events, queue, worker });

  for (const store of Object.values(stores)) if ("syncIndexes" in store) await store.syncIndexes();
  await stores.lanes.register(outside.telegram.lanes);
  outside.telegram.reportStrays((stray) => services.orphans.list(stray));
  await services.accounts.ensureFirstAdmin(config.firstAdmin);
  await queue.ready();
  const http =
    role === "worker"
      ? undefined
      : await openHttp({ config, log, outside, stores, services, connection, consoleDir });
  const stopWork = role === "api" ? undefined : await startWork(services, stores, queue, log);
  return {
    url: http?.url,
    async stop() {
      await Promise.all([http?.close(HTTP_CLOSE_MS), stopWork?.()]);
      await queue.close();
      await events.close();
      await services.mail.drain(MAIL_CLOSE_MS);
      outside.telegram.close();
      outside.drive.close();
      outside.mailer?.close();
      await connection.close();
    },
  };
}
