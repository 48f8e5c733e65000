import type { IncomingMessage, ServerResponse } from "node:http";

import { readText } from "./call.js";
import { BadControl } from "./control-input.js";
import type { World } from "./world.js";

/** A stored file as the stand-in's own listing shows it. */
export interface StoredFile {
  id: string;
  name: string;
  size: number | undefined;
  parents: string[];
  trashed: boolean;
  createdTime: string;
}

export interface DriveStats {
  calls: Partial<Record<string, number>>;
  /** Answers by HTTP status. */
  answers: Record<string, number>;
  tooManyRequests: number;
  /** Faults that struck, by kind. */
  faults: Partial<Record<string, number>>;
  bytesIn: number;
  bytesOut: number;
  files: number;
  storedBytes: number;
  /** Upload sessions that are neither finished nor cancelled. */
  openSessions: number;
  /** What they have stored so far. */
  openSessionBytes: number;
  now: number;
  rss: number;
}

export function filesOf({ store }: World): StoredFile[] {
  return [...store.files.values()]
    .filter((file) => file.id !== store.rootId)
    .map(({ id, name, size, parents, trashed, createdTime }) => ({
      id,
      name,
      size,
      parents,
      trashed,
      createdTime,
    }));
}

export function statsOf(world: World): DriveStats {
  const { stats, store } = world;
  const open = [...store.sessions.values()].filter((session) => session.fileId === undefined);
  return {
    ...structuredClone(stats),
    tooManyRequests: stats.answers["429"] ?? 0,
    files: store.files.size - 1,
    storedBytes: store.usedBytes,
    openSessions: open.length,
    openSessionBytes: open.reduce((sum, session) => sum + store.acknowledgedBytes(session), 0),
    now: world.now(),
    rss: process.memoryUsage.rss(),
  };
}

/** Answers `/__sandbox/*`: faults, knobs, time and counters. */
export async function control(
  world: World,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
): Promise<void> {
  const reply = (status: number, body: unknown): void => {
    res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const actions: Record<string, (input: unknown) => unknown> = {
    "GET /__sandbox/stats": () => statsOf(world),
    "GET /__sandbox/files": () => filesOf(world),
    "POST /__sandbox/fault": (input) => world.faults.add(input),
    "POST /__sandbox/advance": (input) => world.advance(input),
    "POST /__sandbox/config": (input) => world.configure(input),
    "POST /__sandbox/reset": (input) => world.reset(input),
  };
  const key = `${req.method ?? ""} ${path}`;
  const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
  if (action === undefined)
    return reply(404, { error: `no ${key}; known: ${Object.keys(actions).join(", ")}` });
  try {
    const text = await readText(req);
    reply(200, action(text === "" ? {} : JSON.parse(text)) ?? { ok: true });
  } catch (error) {
    if (!(error instanceof BadControl || error instanceof SyntaxError)) throw error;
    reply(400, { error: error.message });
  }
}
