import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { Call } from "./call.js";
import { control, filesOf, statsOf } from "./control.js";
import type { DriveStats, StoredFile } from "./control.js";
import type { FaultInput } from "./faults.js";
import {
  GoogleError,
  invalidCredentials,
  storageFull,
  tooManyRequests,
  userRateLimited,
} from "./google-error.js";
import { authorize } from "./oauth.js";
import { checkOptions, routeOf } from "./routes.js";
import { Uploads } from "./uploads.js";
import { World } from "./world.js";
import type { DriveConfig } from "./world.js";

export interface DriveOptions {
  port?: number;
  /** The token endpoint on a port of its own, as Google has it on a host of its own. */
  tokenPort?: number;
  /** Absent: a temporary folder, removed on close. */
  dataDir?: string;
  limits?: boolean;
  clientId?: string;
  clientSecret?: string;
  refreshToken?: string;
  /** Seeds the dice of faults with `prob`. */
  seed?: number;
}

/** A running stand-in for Google Drive. */
export interface Drive {
  readonly url: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  fault(input: FaultInput): void;
  config(input: Partial<DriveConfig>): void;
  advance(input: { ms: number }): void;
  reset(input?: { files?: boolean }): void;
  stats(): DriveStats;
  files(): StoredFile[];
  close(): Promise<void>;
}

/** Starts a stand-in for Drive v3 and Google's token endpoint on the loopback interface. */
export async function startDrive(options: DriveOptions = {}): Promise<Drive> {
  const { dataDir, limits = false, seed = 1, port = 0, tokenPort } = options;
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), "sandbox-drive-")));
  mkdirSync(directory, { recursive: true });
  const world = new World(directory, limits, given(options), seed);
  const uploads = new Uploads(world);
  const servers = [await listen(world, uploads, port)];
  if (tokenPort !== undefined) servers.push(await listen(world, uploads, tokenPort));
  return {
    url: originOf(servers[0]),
    tokenUrl: `${originOf(servers.at(-1))}/token`,
    ...world.credentials,
    fault: (input) => world.faults.add(input),
    config: (input) => world.configure(input),
    advance: (input) => world.advance(input),
    reset: (input = {}) => world.reset(input),
    stats: () => statsOf(world),
    files: () => filesOf(world),
    close: async () => {
      await Promise.all(servers.map(stop));
      world.store.close();
      if (dataDir === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listen(world: World, uploads: Uploads, port: number): Promise<Server> {
  // Slow uploads are legal however long they last.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (req, res) => {
    answer(world, uploads, req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return server;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function originOf(server: Server | undefined): string {
  return `http://127.0.0.1:${(server?.address() as AddressInfo).port}`;
}

function given({ clientId, clientSecret, refreshToken }: DriveOptions) {
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
}

async function answer(
  world: World,
  uploads: Uploads,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(req.url ?? "/", "http://sandbox");
  if (url.pathname.startsWith("/__sandbox/")) return control(world, req, res, url.pathname);
  let call = new Call(world, req, res, url.searchParams, "get", undefined, "");
  try {
    const { route, fileId } = routeOf(req, url);
    const { calls } = world.stats;
    calls[route.operation] = (calls[route.operation] ?? 0) + 1;
    const fault = world.faults.strike(route.operation);
    if (fault !== undefined) world.stats.faults[fault.kind] = (world.stats.faults[fault.kind] ?? 0) + 1;
    call = new Call(world, req, res, url.searchParams, route.operation, fault, fileId);
    if (await goWrong(call)) return;
    if (route.auth !== "none") authorize(call, route.auth === "session");
    checkOptions(route, url.searchParams);
    world.charge(route.operation);
    await route.handle(call, uploads);
  } catch (error) {
    const refusal =
      error instanceof GoogleError ? error : new GoogleError(500, "backendError", String(error));
    call.json(refusal.status, refusal.toJSON(), refusal.headers);
  }
}

/** Does what a fault does before a call is looked at. @returns whether the call ends there */
async function goWrong(call: Call): Promise<boolean> {
  const { fault } = call;
  switch (fault?.kind) {
    case "latency":
      await sleep(fault.ms ?? 1000);
      return false;
    case "hang":
      return true;
    case "reset":
      call.req.socket.destroy();
      return true;
    case "5xx": {
      const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
      const html =
        "<!DOCTYPE html><html><title>Error</title><p>That’s an error. Please try again later.</html>";
      call.reply(fault.status ?? 503, html, { "content-type": "text/html; charset=UTF-8", ...headers });
      return true;
    }
    case "429":
      throw tooManyRequests(fault.retryAfter);
    case "403rate":
      throw userRateLimited();
    case "401":
      throw invalidCredentials();
    case "storageQuota":
      if (call.operation !== "piece") throw storageFull();
      return false;
    default:
      return false;
  }
}
