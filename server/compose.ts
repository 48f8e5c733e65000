import { setMaxListeners } from "node:events";
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { InMemoryNotificationChannel } from "agenda";
import type { Connection } from "mongoose";
import { AgendaQueue } from "./adapters/agenda/agenda-queue.js";
import { RedisJobChannel } from "./adapters/agenda/redis-channel.js";
import { GoogleDrive } from "./adapters/drive/google-drive.js";
import { createLog } from "./adapters/log/pino-log.js";
import { SmtpMailer } from "./adapters/mail/smtp-mailer.js";
import { connectMongo } from "./adapters/mongo/connection.js";
import { SharpImages } from "./adapters/sharp/sharp-images.js";
import { TelegramChat } from "./adapters/telegram/telegram-chat.js";
import { AuditService } from "./admin/audit.service.js";
import { StatisticsService } from "./admin/statistics.service.js";
import { accountResolvers, accountServices } from "./compose/accounts.js";
import { transferWork } from "./compose/transfer-work.js";
import { archiveResolvers, buildArchives } from "./compose/archives.js";
import { fileResolvers } from "./compose/file-resolvers.js";
import { placing } from "./compose/placing.js";
import { openDrops, shareLinks } from "./compose/shares.js";
import { openStores } from "./compose/stores.js";
import type { Stores } from "./compose/stores.js";
import { administration } from "./compose/administration.js";
import { openEvents } from "./compose/events.js";
import { systemChecks } from "./compose/checks.js";
import { secretsOf } from "./compose/secrets.js";
import type { Config } from "./config.js";
import { FileService } from "./files/file.service.js";
import { FolderService } from "./files/folder.service.js";
import { Links } from "./files/links.js";
import { PreviewService } from "./files/preview.service.js";
import { UploadService } from "./files/upload.service.js";
import { ZipResolver } from "./files/zip.resolver.js";
import { ZipService } from "./files/zip.service.js";
import type { HttpDeps } from "./http/deps.js";
import { createHttpServer } from "./http/server.js";
import type { HttpServer } from "./http/server.js";
import { buildTelestashSchema } from "./http/schema.js";
import type { ResolverEntry } from "./http/schema.js";
import type { EventBus } from "./kernel/events.js";
import type { JobHandlers } from "./kernel/jobs.js";
import type { Logger } from "./kernel/log.js";
import { repeat } from "./kernel/repeat.js";
import { FileTransferResolver } from "./transfers/file-transfer.resolver.js";
import { TransferResolver } from "./transfers/transfer.resolver.js";
import { TransferService } from "./transfers/transfer.service.js";
import { BLOCK_BYTES } from "./vault/blob.js";
import { CopyService } from "./vault/copy.service.js";
import { DisposalService } from "./vault/disposal.service.js";
import { IngestService } from "./vault/ingest.service.js";
import { LanesService } from "./vault/lanes.service.js";
import { OrphansService } from "./vault/orphans.service.js";
import { ReadService } from "./vault/read.service.js";
import { RepairService } from "./vault/repair.service.js";
import { Slots } from "./vault/slots.js";
import { StoreService } from "./vault/store.service.js";

export type ProcessRole = "api" | "worker" | "all";

/** A running Telestash process. */
export interface App {
  /** Where the API listens; undefined for a worker. */
  readonly url: string | undefined;
  /** Stops within ten seconds: takes nothing new, ends or hands back what is under way, closes connections. */
  stop(): Promise<void>;
}

/** Parts that one worker holds in memory at a time, each of at most 20 MB. */
const PARTS_IN_MEMORY = 3;
/** One more when two owners have something to move: the other one need not wait for a large part. */
const PARTS_FOR_OTHERS = 1;
const RECONCILE_MS = 2_000;
const SWEEP_MS = 10_000;
const HTTP_CLOSE_MS = 3_000;
const MAIL_CLOSE_MS = 2_000;
const OUTSIDE_TRUSTED_MS = 15_000;

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

type Outside = ReturnType<typeof connectOutside>;
type Services = ReturnType<typeof buildServices>;

function connectOutside(config: Config, log: Logger) {
  const { folderId, ...drive } = config.drive;
  return {
    telegram: new TelegramChat({ ...config.telegram, log }),
    drive: new GoogleDrive({ ...drive, ...(folderId === undefined ? {} : { folderId }), log }),
    mailer: config.mail === undefined ? undefined : new SmtpMailer(config.mail),
  };
}

interface Parts {
  config: Config;
  log: Logger;
  outside: Outside;
  stores: Stores;
  events: EventBus;
  queue: AgendaQueue;
  worker: string;
}

function buildServices({ config, log, outside, stores, events, queue, worker }: Parts) {
  const { telegram, drive } = outside;
  const { blobs, parts, orphans } = stores;
  const { replicas: copies, readBack, partBytes } = config.telegram;
  const limits = { blocksPerPart: partBytes / BLOCK_BYTES, maxFileBytes: config.maxFileBytes };
  const slots = new Slots(PARTS_IN_MEMORY, PARTS_IN_MEMORY + PARTS_FOR_OTHERS);
  const reader = new ReadService(telegram, drive, blobs, parts, queue, log);
  const lanes = new LanesService(stores.lanes, telegram.lanes);
  const copier = new CopyService(telegram, lanes, parts, orphans, log, { readBack });
  const outsides = { chats: telegram, staging: drive };
  const disposal = new DisposalService(blobs, parts, orphans, outsides, copier, log);
  const ingest = new IngestService(drive, blobs, disposal, limits);
  const store = new StoreService(blobs, parts, copier, reader, drive, {
    copies,
    slots,
  });
  const account = accountServices({ config, log, stores, mailer: outside.mailer });
  const files = new FileService(stores.files, blobs, reader, stores.accounts);
  const folders = new FolderService(stores.folders);
  const { quotas } = account;
  const places = placing({ stores, folders, disposal, quotas, log });
  const transfers = new TransferService(stores.transfers, queue, events, files);
  return {
    store,
    ...account,
    files,
    folders,
    places,
    transfers,
    disposal,
    archives: buildArchives(
      { ...stores, places: places.files, disposal, queue, proof: account.proof, log },
      config.retentionDays,
    ),
    audit: new AuditService(stores.audit, stores.audit),
    heartbeat: () => stores.workers.seen(worker),
    statistics: new StatisticsService(stores.statistics, stores.happenings, stores.directory),
    repairs: new RepairService(blobs, parts, copier, reader, stores.files, { copies, slots, log }),
    orphans: new OrphansService(orphans, telegram),
    uploads: new UploadService(stores.files, folders, ingest, transfers, places.files, quotas, log),
    ...transferWork({
      stores,
      quotas,
      anonymous: config.anonymous.quota,
      transfers,
      vault: { store, disposal },
      events,
      queue,
      worker,
      log,
    }),
  };
}

async function openHttp(deps: {
  config: Config;
  log: Logger;
  outside: Outside;
  stores: Stores;
  services: Services;
  connection: Connection;
  consoleDir: string | undefined;
}): Promise<HttpServer> {
  const { config, log, outside, stores, services, connection, consoleDir } = deps;
  const { files, folders, uploads, transfers, authenticator } = services;
  const zips = new ZipService(files, folders, { ...stores, selections: stores.zipSelections });
  const previews = new PreviewService(files, new SharpImages(log), stores.thumbnails, log);
  const reading = { zips, previews, baseUrl: () => baseUrl() };
  const shares = shareLinks({ ...reading, secret: config.jwtSecret, stores, services, log });
  const links = new Links(authenticator, reading.baseUrl, (file) => shares.shares.addressForNobody(file));
  const { drops, ...dropping } = openDrops(shares.shares, links, { config, stores, uploads });
  const account = accountResolvers({ config, log, stores, services }, (page, token) => {
    return `${config.http.frontends[0] ?? `${baseUrl()}/admin`}/${page}/${token}`;
  });
  const resolvers: ResolverEntry[] = [
    ...account.resolvers,
    ...fileResolvers(services, stores, { links, uploads: drops }),
    { type: ZipResolver, instance: new ZipResolver(zips, links) },
    { type: TransferResolver, instance: new TransferResolver(transfers, services.control, stores.files) },
    { type: FileTransferResolver, instance: new FileTransferResolver(stores.transfers) },
    ...administration({
      ...{ ...services, stores, resets: account.resets, log },
      chats: outside.telegram,
      checks: systemChecks({ config, database: stores.condition, workers: stores.workers, ...outside }),
      retryTransfer: (viewer, id) => services.control.retry(viewer, id),
    }),
    ...archiveResolvers(stores, services.archives),
    ...shares.resolvers,
  ];
  const http = await createHttpServer({
    ...{ config, log, authenticator, uploads: drops, ...dropping },
    schema: await buildTelestashSchema(resolvers),
    downloads: files,
    auditExport: (viewer, filter, format) => services.audit.export(viewer, filter, format),
    zips,
    previews,
    shares: shares.visits,
    ...watches(services),
    ...(consoleDir === undefined ? {} : { consoleDir }),
    checks: healthChecks(connection, outside),
  });
  const baseUrl = (): string => config.http.publicUrl ?? http.url;
  await http.listen();
  return http;
}

/** What has to work for the API to be ready. */
function healthChecks(connection: Connection, { telegram, drive }: Outside): HttpDeps["checks"] {
  return [
    { name: "MongoDB", check: async () => void (await connection.db?.command({ ping: 1 })) },
    { name: "Telegram", trustedMs: OUTSIDE_TRUSTED_MS, check: (signal) => telegram.check(signal) },
    { name: "Google Drive", trustedMs: OUTSIDE_TRUSTED_MS, check: (signal) => drive.check(signal) },
  ];
}

/** What subscriptions follow. */
function watches({ transfers, statistics }: Services): Pick<HttpDeps, "watch" | "watchCounters"> {
  return {
    watch: (viewer, what, signal) => transfers.watch(viewer, what, signal),
    watchCounters: (viewer, signal) => statistics.watch(viewer, signal),
  };
}

/** Begins to work through jobs, and to look for work that nobody was woken for. */
async function startWork(
  services: Services,
  stores: Stores,
  queue: AgendaQueue,
  log: Logger,
): Promise<() => Promise<void>> {
  const handlers: JobHandlers = {
    "transfer.send": ({ transferId }, signal) => services.sender.run(transferId, signal),
    "transfer.clean": ({ transferId }, signal) => services.cleaner.clean(transferId, signal),
    "blob.repair": ({ blobId }, signal) => services.repairs.repair(blobId, signal),
    "archive.purge": ({ purgeId }, signal) => services.archives.worker.run(purgeId, signal),
    "archive.run": ({ runId }, signal) => services.archives.runWorker.run(runId, signal),
  };
  await queue.start(handlers);
  const stopping = new AbortController();
  // Each sweep listens while it pauses; from eleven on Node would take them for a leak.
  setMaxListeners(0, stopping.signal);
  const failed = (error: unknown): void => log.error({ err: error }, "a sweep failed; it is done again");
  const sweeps = [
    repeat(RECONCILE_MS, () => services.transfers.reconcile(), failed, stopping.signal),
    repeat(RECONCILE_MS, (signal) => services.cleaner.sweep(signal), failed, stopping.signal),
    repeat(RECONCILE_MS, () => services.archives.purges.sweep(), failed, stopping.signal),
    repeat(RECONCILE_MS, (signal) => services.statistics.sweep(signal), failed, stopping.signal),
    repeat(RECONCILE_MS, () => services.archives.runs.sweep(), failed, stopping.signal),
    ...[
      (signal: AbortSignal) => services.uploads.sweep(signal),
      (signal: AbortSignal) => services.places.files.sweep(signal),
      () => services.places.folders.sweep(),
      () => services.turns.sweep(),
      (signal: AbortSignal) => services.store.releaseStaged(signal),
      (signal: AbortSignal) => services.orphans.sweep(signal),
      () => services.heartbeat(),
      (signal: AbortSignal) => services.disposal.sweep(signal),
      () => services.archives.folders.sweep(),
      (signal: AbortSignal) => services.archives.retention.sweep(signal),
      async () => {
        for (const blobId of await stores.blobs.needingRepair(100))
          await queue.wake("blob.repair", { blobId });
      },
    ].map((sweep) => repeat(SWEEP_MS, sweep, failed, stopping.signal)),
  ];
  return async () => {
    stopping.abort();
    await Promise.all([queue.stop(), ...sweeps]);
  };
}
