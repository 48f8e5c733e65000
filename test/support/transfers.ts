import { createHash, randomBytes } from "node:crypto";
import type { Kept } from "./audit.js";
import { eventually } from "./eventually.js";
import { startServer, startWorld } from "./start-server.js";
import type { Person, TestServer, World } from "./start-server.js";

export const MIB = 1024 * 1024;

/** Seeds of the random tests: two, more with SEEDS, or the one that SEED names. */
export const seeds: number[] =
  process.env["SEED"] === undefined
    ? Array.from({ length: Number(process.env["SEEDS"] ?? 2) }, (_, i) => i + 1)
    : [Number(process.env["SEED"])];

/** mulberry32: numbers from 0 to 1 that a seed repeats. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Scene {
  t: TestServer;
  world: World;
  owner: Person;
}

/** A world, a server and somebody signed in, for one test alone; all gone when it ends. */
export async function withServer(
  options: {
    limits?: boolean;
    chats?: string[];
    tokens?: string[];
    environment?: Record<string, string>;
  },
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const world = await startWorld(options);
  try {
    const { environment = {} } = options;
    const t = await startServer({ world, environment });
    try {
      await play({ t, world, owner: await t.user() });
    } finally {
      await t.close();
    }
  } finally {
    await world.close();
  }
}

/** Uploads random bytes. */
export async function keep(owner: Person, sizeBytes: number): Promise<Kept> {
  const bytes = randomBytes(sizeBytes);
  const { id } = await owner.upload(bytes, { name: `${sizeBytes}.bin` });
  return { owner, id, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export async function fileOf({ owner, id }: Kept) {
  return (await owner.file({ id })).file;
}

export type SeenFile = Awaited<ReturnType<typeof fileOf>>;

/** Waits until a file is as wanted. */
export function becomes(
  kept: Kept,
  isWanted: (file: SeenFile) => boolean,
  timeoutMs = 60_000,
): Promise<SeenFile> {
  return eventually(() => fileOf(kept), isWanted, timeoutMs, 100);
}

export function isDone({ state, transfer }: SeenFile): boolean {
  return state === "STORED" && transfer?.state === "DONE";
}

/** How many documents were asked to be sent, refused ones included. */
export function sends(world: World): number {
  return world.telegram.stats().calls["sendDocument"] ?? 0;
}

/** Node's warnings from here on: a run must cause none. */
export function collectWarnings(): string[] {
  const warnings: string[] = [];
  process.on("warning", ({ name, message }) => warnings.push(`${name}: ${message}`));
  return warnings;
}
