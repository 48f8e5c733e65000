import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { audit } from "../support/audit.js";
import type { Kept } from "../support/audit.js";
import { crashingServer, underWay } from "../support/crashes.js";
import { eventually } from "../support/eventually.js";
import { RequestFailed } from "../support/graphql.js";
import type { Person } from "../support/start-server.js";
import { MIB, dice, seeds } from "../support/transfers.js";

const KILLS = 2;
const DEEDS_BETWEEN = 40;
const HANDS = 4;
/** What a request may be answered with while other hands change the same things. */
const FORESEEN = ["BAD_USER_INPUT", "CONFLICT", "NOT_FOUND", "UNAVAILABLE", "GONE"];

const crashing = crashingServer();

/** What somebody did, as far as the server answered. */
interface Diary {
  owner: Person;
  random: () => number;
  /** The sha256 of each file whose upload or copy was answered, by its id. */
  kept: Map<string, string>;
  /** Files that were to be removed: whether they are there depends on when the server died. */
  doomed: Set<string>;
  folders: string[];
  unforeseen: string[];
}

type Deed = (diary: Diary) => Promise<unknown>;

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T;
}

const someName = ({ random }: Diary) => `${pick(["a", "b", "c", "d"], random)}.bin`;
const somePolicy = ({ random }: Diary) => pick(["FAIL", "RENAME", "REPLACE"] as const, random);
const somePlace = ({ random, folders }: Diary) => pick([null, ...folders], random);
const someFile = ({ random, kept }: Diary) => pick([...kept.keys(), "none"], random);
const someFolder = ({ random, folders }: Diary) => pick([...folders, "none"], random);

const upload: Deed = async (diary) => {
  const bytes = Buffer.alloc(Math.floor(diary.random() ** 3 * 3 * MIB), String(diary.random()));
  const to = { folderId: somePlace(diary), onConflict: somePolicy(diary) };
  const { id } = await diary.owner.upload(bytes, { name: someName(diary), ...to });
  diary.kept.set(id, createHash("sha256").update(bytes).digest("hex"));
};

const copyFile: Deed = async (diary) => {
  const id = someFile(diary);
  const to = { folderId: somePlace(diary), onConflict: somePolicy(diary) };
  const { copyFiles } = await diary.owner.copyFiles({ ids: [id], ...to });
  for (const copy of copyFiles) diary.kept.set(copy.id, diary.kept.get(id) ?? "");
};

const createFolder: Deed = async (diary) => {
  const input = { name: someName(diary), parentId: somePlace(diary) };
  diary.folders.push((await diary.owner.createFolder({ input })).createFolder.id);
};

const cancel: Deed = async (diary) => {
  const id = someFile(diary);
  const transferId = (await diary.owner.file({ id })).file.transfer?.id ?? "";
  diary.doomed.add(id);
  await diary.owner.cancelTransfer({ id: transferId });
};

const pause: Deed = async (diary) => {
  const { file } = await diary.owner.file({ id: someFile(diary) });
  await diary.owner.pauseTransfer({ id: file.transfer?.id ?? "" });
};

const purgeFile: Deed = async (diary) => {
  const ids = [someFile(diary)];
  diary.doomed.add(ids[0] ?? "");
  await diary.owner.archiveFiles({ ids });
  await diary.owner.purgeFiles({ ids });
};

const purgeFolder: Deed = async (diary) => {
  const id = someFolder(diary);
  await diary.owner.archiveFolders({ ids: [id] });
  // Nothing comes into it from now on.
  for (const file of await crashing.database.files.find({ folderIds: id }).toArray())
    diary.doomed.add(file._id);
  await diary.owner.purgeFolders({ ids: [id] });
};

const move = (diary: Diary) => ({ folderId: somePlace(diary) });

/** How often each is done, and what. */
const DEEDS: readonly (readonly [number, Deed])[] = [
  [8, upload],
  [3, copyFile],
  [2, createFolder],
  [1, (diary) => diary.owner.copyFolders({ ids: [someFolder(diary)], ...move(diary), onConflict: "RENAME" })],
  [
    2,
    (diary) =>
      diary.owner.renameFile({ id: someFile(diary), name: someName(diary), onConflict: somePolicy(diary) }),
  ],
  [
    2,
    (diary) =>
      diary.owner.moveFiles({ ids: [someFile(diary)], ...move(diary), onConflict: somePolicy(diary) }),
  ],
  [1, (diary) => diary.owner.moveFolders({ ids: [someFolder(diary)], ...move(diary) })],
  [2, (diary) => diary.owner.archiveFiles({ ids: [someFile(diary)] })],
  [1, (diary) => diary.owner.restoreFiles({ ids: [someFile(diary)] })],
  [1, (diary) => diary.owner.archiveFolders({ ids: [someFolder(diary)] })],
  [1, (diary) => diary.owner.restoreFolders({ ids: [someFolder(diary)] })],
  [1, purgeFile],
  [0.3, purgeFolder],
  [1, cancel],
  [1, pause],
];
const WEIGHTS = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

function someDeed({ random }: Diary): Deed {
  let at = random() * WEIGHTS;
  return DEEDS.find(([weight]) => (at -= weight) < 0)?.[1] ?? upload;
}

/** Does one thing after another until the server is gone, or enough is done. */
async function live(diary: Diary, deeds: number): Promise<void> {
  for (let i = 0; i < deeds; i += 1) {
    try {
      await someDeed(diary)(diary);
    } catch (error) {
      if (!(error instanceof RequestFailed)) return;
      if (!FORESEEN.includes(error.code)) diary.unforeseen.push(`${error.code}: ${error.message}`);
    }
  }
}

async function allDone(): Promise<void> {
  await eventually(
    () => underWay(crashing.database),
    (left) => left.length === 0,
    60_000,
  );
}

/** Goes on with what was paused, and brings back what was archived. */
async function tidyUp({ owner, kept, folders }: Diary): Promise<void> {
  const anyway = (done: Promise<unknown>) => done.catch(() => undefined);
  for (const { _id } of await crashing.database.transfers.find({ state: "PAUSED" }).toArray())
    await anyway(owner.resumeTransfer({ id: _id }));
  for (const id of folders) await anyway(owner.restoreFolders({ ids: [id] }));
  for (const id of kept.keys()) await anyway(owner.restoreFiles({ ids: [id] }));
}

describe("a server killed while its users do everything", { timeout: 180_000 }, () => {
  it.each(seeds)("has lost nothing, kept nothing and counted right (SEED=%i)", async (seed) => {
    const facts = { kept: new Map(), doomed: new Set<string>(), folders: [], unforeseen: [] };
    const diary: Diary = { ...facts, owner: await crashing.server.user(), random: dice(seed) };

    for (let kill = 0; kill < KILLS; kill += 1) {
      const lives = Array.from({ length: HANDS }, () => live(diary, DEEDS_BETWEEN));
      const deeds = Math.floor((0.3 + 0.7 * diary.random()) * 1_000);
      const begun = performance.now();
      await eventually(() => performance.now() - begun > deeds);
      await crashing.crash();
      await Promise.all(lives);
    }
    await allDone();
    await tidyUp(diary);
    await allDone();

    expect(diary.unforeseen).toEqual([]);
    const kept = [...diary.kept].filter(([id]) => !diary.doomed.has(id));
    const files: Kept[] = kept.map(([id, sha256]) => ({ owner: diary.owner, id, sha256 }));
    await audit(crashing.world, files, { killed: true });
  });
});
