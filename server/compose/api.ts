import type { Connection } from "mongoose";
import { SharpImages } from "../adapters/sharp/sharp-images.js";
import { accountResolvers } from "./accounts.js";
import { archiveResolvers } from "./archives.js";
import { fileResolvers } from "./file-resolvers.js";
import { openDrops, shareLinks } from "./shares.js";
import type { Stores } from "./stores.js";
import { administration } from "./administration.js";
import { systemChecks } from "./checks.js";
import type { Config } from "../config.js";
import { DropResolver } from "../files/drop.resolver.js";
import { Links } from "../files/links.js";
import { PreviewService } from "../files/preview.service.js";
import { ZipResolver } from "../files/zip.resolver.js";
import { ZipService } from "../files/zip.service.js";
import type { HttpDeps } from "../http/deps.js";
import { createHttpServer } from "../http/server.js";
import type { HttpServer } from "../http/server.js";
import { buildTelestashSchema } from "../http/schema.js";
import type { ResolverEntry } from "../http/schema.js";
import type { Logger } from "../kernel/log.js";
import { FileTransferResolver } from "../transfers/file-transfer.resolver.js";
import { TransferErrorResolver } from "../transfers/transfer-error.resolver.js";
import { TransferResolver } from "../transfers/transfer.resolver.js";
import type { Outside } from "./outside.js";
import type { Services } from "./services.js";

const OUTSIDE_TRUSTED_MS = 15_000;

/** Opens the API: its schema, its routes, its port. */
export async function openHttp(deps: {
  config: Config;
  log: Logger;
  outside: Outside;
  stores: Stores;
  services: Services;
  connection: Connection;
  consoleDir: string | undefined;
}): Promise<HttpServer> {
  const { config, log, outside, stores, services, connection, consoleDir } = deps;
  const { files, folders, transfers, authenticator } = services;
  const zips = new ZipService(files, folders, { ...stores, selections: stores.zipSelections });
  const previews = new PreviewService(files, new SharpImages(log), stores.thumbnails, log);
  const reading = { zips, previews, baseUrl: () => baseUrl() };
  const shares = shareLinks({ ...reading, stores, services, log });
  const links = new Links(authenticator, reading.baseUrl, (file) => shares.shares.addressForNobody(file));
  const { drops, ...dropping } = openDrops(shares.shares, links, { config, stores, services });
  const account = accountResolvers({ config, log, stores, services }, (page, token) => {
    return `${config.http.frontends[0] ?? `${baseUrl()}/admin`}/${page}/${token}`;
  });
  const resolvers: ResolverEntry[] = [
    ...account.resolvers,
    ...fileResolvers(services, stores, { links, uploads: drops }),
    { type: ZipResolver, instance: new ZipResolver(zips, links) },
    { type: TransferResolver, instance: new TransferResolver(transfers, services.control, stores.files) },
    { type: TransferErrorResolver, instance: new TransferErrorResolver() },
    { type: FileTransferResolver, instance: new FileTransferResolver(stores.transfers) },
    ...administration({
      ...{ ...services, stores, resets: account.resets, log },
      chats: outside.telegram,
      checks: systemChecks({ config, database: stores.condition, workers: stores.workers, ...outside }),
      retryTransfer: (viewer, id) => services.control.retry(viewer, id),
    }),
    ...archiveResolvers(stores, services.archives),
    ...shares.resolvers,
    { type: DropResolver, instance: new DropResolver(drops) },
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
