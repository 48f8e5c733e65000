import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Collection } from "./collection.js";
import { Index } from "./indexes.js";
import { readRecords } from "./logrecord.js";
import type { LogRecord } from "./logrecord.js";
import type { Store } from "./store.js";
import type { Doc } from "./values.js";

/** Where a log goes on. */
export interface LogPosition {
  readonly folder: string;
  readonly generation: number;
  /** Bytes of the last log that are whole. */
  readonly size: number;
  /** Bytes of the snapshot that the logs stand on. */
  readonly snapshotSize: number;
}

/** `snapshot-000007` holds everything up to where `log-000007` begins. */
export const fileName = (kind: "log" | "snapshot", generation: number): string =>
  `${kind}-${String(generation).padStart(6, "0")}`;

/** Makes new and renamed files of a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}

function generations(folder: string, kind: "log" | "snapshot"): number[] {
  const names = readdirSync(folder).map((name) => new RegExp(`^${kind}-(\\d{6,})$`).exec(name)?.[1]);
  return names
    .filter((name) => name !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** Puts the records of the log into the store, and builds the indexes when all have been read. */
class Recovery {
  private readonly collections = new Map<number, Collection>();

  constructor(private readonly store: Store) {}

  take(entry: LogRecord): void {
    const collection = this.collections.get(entry.collection);
    if (entry.kind === "define") this.define(entry.collection, entry.definition);
    else if (entry.kind === "put") collection?.restore(entry.record, entry.bytes);
    else collection?.forget(entry.record);
  }

  private define(id: number, { database, name, indexes }: Doc): void {
    const there = this.collections.get(id) ?? this.store.attach(id, database as string, name as string);
    this.collections.set(id, there);
    there.indexes = (indexes as readonly Doc[]).map((spec) => new Index(spec));
  }

  finish(): void {
    for (const collection of this.collections.values()) collection.build(collection.indexes);
  }
}

/**
 * Reads a data folder back into an empty store: the last snapshot, then the logs since. What was being written when
 * the process ended is left off.
 * @throws Error when something other than the end of the last log is damaged
 */
export function recover(folder: string, store: Store): LogPosition {
  mkdirSync(folder, { recursive: true });
  const snapshot = generations(folder, "snapshot").at(-1);
  const logs = generations(folder, "log").filter((generation) => generation >= (snapshot ?? 0));
  const recovery = new Recovery(store);
  const read = (name: string, last: boolean): number => {
    const bytes = readFileSync(join(folder, name));
    const whole = readRecords(bytes, (record) => recovery.take(record));
    if (whole < bytes.length && !last) throw new Error(`${join(folder, name)} is damaged at byte ${whole}`);
    return whole;
  };
  if (snapshot !== undefined) read(fileName("snapshot", snapshot), false);
  let size = 0;
  for (const generation of logs) size = read(fileName("log", generation), generation === logs.at(-1));
  recovery.finish();
  const kept = [
    ...logs.map((one) => fileName("log", one)),
    ...(snapshot === undefined ? [] : [fileName("snapshot", snapshot)]),
  ];
  for (const name of readdirSync(folder)) {
    if (/^(log|snapshot)-\d{6,}(\.tmp)?$/.test(name) && !kept.includes(name)) rmSync(join(folder, name));
  }
  const snapshotSize =
    snapshot === undefined ? 0 : statSync(join(folder, fileName("snapshot", snapshot))).size;
  return { folder, generation: logs.at(-1) ?? snapshot ?? 1, size, snapshotSize };
}
