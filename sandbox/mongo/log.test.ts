import { cpSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Int32 } from "bson";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FORGETFUL } from "./journal.js";
import { recover } from "./logfiles.js";
import { DiskLog } from "./log.js";
import { Store } from "./store.js";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sandbox-mongo-log-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const SMALL = 20_000;

async function open(folder: string): Promise<{ store: Store; log: DiskLog }> {
  const opened: { log?: DiskLog } = {};
  const store = new Store(() => opened.log ?? FORGETFUL);
  opened.log = await DiskLog.open(recover(folder, store), () => store, SMALL);
  return { store, log: opened.log };
}

/** Everything in a store, and what its indexes hold. */
function contents(store: Store): Doc {
  return Object.fromEntries(
    [...store.all()].map((collection) => [
      collection.namespace,
      {
        docs: [...collection.records.values()].map((bytes) => JSON.stringify(decode(bytes))),
        entries: collection.indexes.map((index) => [index.name, ...index.entries.scan("", "\xff")]),
      },
    ]),
  );
}

/** All at once, as a crash is; once more when a checkpoint has deleted a file halfway through. */
async function copyOf(folder: string): Promise<string> {
  for (;;) {
    const copy = await mkdtemp(join(root, "copy-"));
    try {
      cpSync(folder, copy, { recursive: true });
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** What a process would find that started on a copy of the files as they are now. */
async function afterCrash(folder: string): Promise<Doc> {
  const copy = await copyOf(folder);
  const { store, log } = await open(copy);
  await log.close();
  return contents(store);
}

/** Changes that touch every kind of record; which ones depends on `n` alone. */
function change(store: Store, n: number): void {
  const collection = store.getOrCreate("db", `c${n % 3}`);
  if (n % 50 === 0 && collection.indexes.length === 1) {
    collection.addIndexes([{ key: { n: new Int32(1) }, name: "n_1", unique: true }]);
    store.define(collection);
  }
  collection.insert({ _id: new Int32(n), n: new Int32(n), padding: "x".repeat((n * 37) % 500) });
  const ids = [...collection.records.keys()];
  const other = collection.read(ids[(n * 7) % ids.length]!)!;
  if (n % 4 === 0) collection.remove(other);
  else collection.replace(other, { ...other.doc, changed: new Int32(n) });
}

describe("the log", () => {
  it("gives back everything committed, whenever the process ends, also amid a checkpoint", async () => {
    const folder = join(root, "data");
    const { store, log } = await open(folder);
    const generations = new Set<string>();

    for (let n = 0; n < 700; n++) {
      change(store, n);
      await log.commit();
      if (n % 7 === 0) {
        (await readdir(folder)).forEach((name) => generations.add(name));
        expect(await afterCrash(folder)).toEqual(contents(store));
      }
    }

    await log.close();
    expect(await afterCrash(folder)).toEqual(contents(store));
    expect([...generations].filter((name) => name.startsWith("snapshot")).length).toBeGreaterThan(2);
    expect((await readdir(folder)).length).toBeLessThanOrEqual(3);
  });

  it("shares one synchronisation among commits that come together", async () => {
    const { store, log } = await open(join(root, "data"));
    change(store, 1);
    const first = log.commit();
    change(store, 2);

    const second = log.commit();

    expect(second).toBe(first);
    await second;
    await log.close();
  });

  it("refuses to start on a snapshot that is damaged", async () => {
    const folder = join(root, "data");
    const { store, log } = await open(folder);
    for (let n = 0; n < 200; n++) change(store, n);
    await log.commit();
    await log.close();
    await writeFile(join(folder, "snapshot-000002"), "damaged");

    expect(() => recover(folder, new Store(() => FORGETFUL))).toThrow("snapshot-000002 is damaged at byte 0");
  });
});
