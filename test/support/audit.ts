import { createHash } from "node:crypto";
import { MongoClient } from "mongodb";
import type { Db } from "mongodb";
import type { LedgerEntry } from "../../sandbox/telegram/control.js";
import { eventually } from "./eventually.js";
import type { Person, World } from "./start-server.js";

const SETTLED_FILES = ["STORED", "DEGRADED", "FAILED", "CANCELLED", "LOST"];
const UNCOUNTED = ["RECEIVING", "CANCELLED"];
const SETTLED_TRANSFERS = ["DONE", "FAILED", "CANCELLED"];

/** A file whose bytes the test knows. */
export interface Kept {
  owner: Person;
  id: string;
  sha256: string;
}

export interface FileRecord {
  _id: string;
  name: string;
  state: string;
  ownerId: string;
  sizeBytes: number;
  blobId?: string;
  transferId?: string;
  folderIds?: string[];
  expiresAt?: Date;
  givenUp?: boolean;
}

export interface TransferRecord {
  _id: string;
  fileId: string;
  blobId: string;
  state: string;
  epoch: number;
  attempt: number;
  bytesGone?: boolean;
  error?: { code: string } | null;
}

export interface BlobRecord {
  _id: string;
  sizeBytes: number;
  partsTotal: number;
  stagedId?: string;
  repair?: object;
}

export interface ReplicaRecord {
  chat: string;
  messageId: number;
  sha256: string;
  verifiedAt?: Date | null;
  suspectAt?: Date | null;
}

export interface PartRecord {
  blobId: string;
  index: number;
  sizeBytes: number;
  healthy: number;
  replicas: ReplicaRecord[];
  intents: { id: string; run: string }[];
}

export interface OrphanRecord {
  _id: string;
  blobId: string;
  index: number;
  chat: string;
  messageId?: number;
}

export interface UserRecord {
  _id: string;
  bytesUsed: number;
  fileCount: number;
  reserved?: { key: string; bytes: number; at: Date }[];
}

/** What the server wrote, as it lies in the database. */
export async function openDatabase(world: World, name = "telestash") {
  const client = await MongoClient.connect(world.mongo.uri);
  const db: Db = client.db(name);
  return {
    db,
    files: db.collection<FileRecord>("files"),
    transfers: db.collection<TransferRecord & { dueAt?: Date }>("transfers"),
    blobs: db.collection<BlobRecord>("blobs"),
    parts: db.collection<PartRecord>("parts"),
    folders: db.collection<{ _id: string; path: string[]; expiresAt?: Date }>("folders"),
    shareLinks: db.collection<{ _id: string; targetId: string; expiresAt?: Date }>("sharelinks"),
    bulkRuns: db.collection<{ _id: string; done: number }>("bulkRuns"),
    orphans: db.collection<OrphanRecord>("orphans"),
    users: db.collection<UserRecord>("users"),
    close: () => client.close(),
  };
}

export type Database = Awaited<ReturnType<typeof openDatabase>>;

/**
 * Holds everything the server promises against what the stand-ins really have. Waits for work under way; fails with
 * the list of what is still wrong.
 * @param copies of each part of a stored file
 * @param killed whether a server was killed: what it asked Drive for last, without a byte sent, nobody knows of
 */
export async function audit(
  world: World,
  kept: readonly Kept[],
  {
    copies = 2,
    timeoutMs = 30_000,
    killed = false,
  }: Partial<Record<"copies" | "timeoutMs", number>> & { killed?: boolean } = {},
): Promise<void> {
  const database = await openDatabase(world);
  try {
    await eventually(
      () => recordsWrong(world, database, { copies, killed }),
      (wrong) => wrong.length === 0,
      timeoutMs,
      100,
    );
    const wrong = (await Promise.all(kept.map((file) => bytesWrong(file)))).flat();
    if (wrong.length > 0) throw new Error(`Wrong bytes:\n${wrong.join("\n")}`);
  } finally {
    await database.close();
  }
}

/** Downloads a file. @returns its sha256, or undefined when the server refused or cut the answer */
export async function downloaded(owner: Person, id: string): Promise<string | undefined> {
  const { file } = await owner.file({ id });
  try {
    const answer = await owner.download(file.downloadUrl);
    if (!answer.ok) return undefined;
    return createHash("sha256")
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest("hex");
  } catch {
    return undefined;
  }
}

async function bytesWrong({ owner, id, sha256 }: Kept): Promise<string[]> {
  const { file } = await owner.file({ id });
  const found = await downloaded(owner, id);
  if (found === sha256) return [];
  const mayBeRefused = file.state === "FAILED" || file.state === "LOST";
  return mayBeRefused && found === undefined ? [] : [`${file.state} file ${id}: ${found ?? "refused"}`];
}

async function recordsWrong(
  world: World,
  database: Database,
  { copies, killed }: { copies: number; killed: boolean },
): Promise<string[]> {
  const [files, transfers, blobs, parts, orphans, users] = await Promise.all([
    database.files.find().toArray(),
    database.transfers.find().toArray(),
    database.blobs.find().toArray(),
    database.parts.find().toArray(),
    database.orphans.find().toArray(),
    database.users.find().toArray(),
  ]);
  return [
    ...unsettled(files, transfers),
    ...misshapen(files, blobs, parts),
    ...missing(files, parts, world.telegram.ledger(), copies),
    ...unlisted(parts, orphans, world.telegram.ledger()),
    ...leftStaged(world, files, blobs, killed),
    ...leftOfCancelled(files, blobs, parts, world.telegram.ledger(), orphans),
    ...miscounted(files, users),
  ];
}

function unsettled(files: FileRecord[], transfers: TransferRecord[]): string[] {
  return [
    ...files
      .filter(({ state }) => !SETTLED_FILES.includes(state))
      .map(({ _id, state }) => `file ${_id} is ${state}`),
    ...transfers
      .filter(({ state }) => !SETTLED_TRANSFERS.includes(state))
      .map(({ _id, state }) => `transfer ${_id} is ${state}`),
    ...transfers
      .filter(({ state, error }) => state === "FAILED" && (error?.code ?? "") === "")
      .map(({ _id }) => `transfer ${_id} failed without a reason`),
    ...transfers
      .filter(({ fileId }) => !files.some(({ _id }) => _id === fileId))
      .map(({ _id }) => `transfer ${_id} has no file`),
  ];
}

function misshapen(files: FileRecord[], blobs: BlobRecord[], parts: PartRecord[]): string[] {
  const wrong = blobs
    .filter(({ _id }) => !files.some(({ blobId }) => blobId === _id))
    .map(({ _id }) => `blob ${_id} has no file`);
  for (const { _id, sizeBytes, partsTotal, repair } of blobs) {
    const own = parts.filter(({ blobId }) => blobId === _id).toSorted((a, b) => a.index - b.index);
    const isWhole = own.length === partsTotal && own.every(({ index }, i) => index === i);
    if (!isWhole)
      wrong.push(`blob ${_id} of ${partsTotal} parts has ${own.map(({ index }) => index).join()}`);
    const sum = own.reduce((bytes, part) => bytes + part.sizeBytes, 0);
    if (sum !== sizeBytes) wrong.push(`blob ${_id} of ${sizeBytes} bytes has parts of ${sum}`);
    if (repair !== undefined && !files.some(({ blobId, state }) => blobId === _id && state === "LOST"))
      wrong.push(`blob ${_id} waits for a repair`);
  }
  const homeless = parts.filter(({ blobId }) => !blobs.some(({ _id }) => _id === blobId));
  return [...wrong, ...homeless.map(({ blobId, index }) => `part ${blobId}/${index} has no blob`)];
}

function missing(files: FileRecord[], parts: PartRecord[], ledger: LedgerEntry[], copies: number): string[] {
  const stored = new Set(files.filter(({ state }) => state === "STORED").map(({ blobId }) => blobId));
  const live = new Map(ledger.filter(isLive).map((entry) => [`${entry.chat}/${entry.message_id}`, entry]));
  const wrong: string[] = [];
  for (const { blobId, index, replicas, intents, healthy } of parts) {
    if (!stored.has(blobId)) continue;
    const part = `part ${blobId}/${index}`;
    const good = replicas.filter(({ verifiedAt, suspectAt }) => verifiedAt != null && suspectAt == null);
    if (good.length < replicas.length) wrong.push(`${part} has a copy that is not verified`);
    if (healthy !== good.length) wrong.push(`${part} counts ${healthy} good copies of ${good.length}`);
    if (replicas.length !== copies) wrong.push(`${part} has ${replicas.length} copies`);
    if (new Set(replicas.map(({ chat }) => chat)).size < replicas.length)
      wrong.push(`${part}: copies share a chat`);
    if (intents.length > 0) wrong.push(`${part} has ${intents.length} open intents`);
    for (const { chat, messageId, sha256 } of replicas) {
      const entry = live.get(`${chat}/${messageId}`);
      if (entry?.sha256 !== sha256)
        wrong.push(`${part}: message ${chat}/${messageId} is ${entry?.sha256 ?? "gone"}`);
    }
  }
  return wrong;
}

/** Messages that nothing names and nobody listed. One listed send explains one message. */
function unlisted(parts: PartRecord[], orphans: OrphanRecord[], ledger: LedgerEntry[]): string[] {
  const named = new Set(
    parts.flatMap(({ replicas }) => replicas.map(({ chat, messageId }) => `${chat}/${messageId}`)),
  );
  const listed = orphans.map(({ chat, blobId, index, messageId }) =>
    messageId === undefined ? `${chat} ${blobId} ${index + 1}` : `${chat}/${messageId}`,
  );
  const wrong: string[] = [];
  for (const { chat, message_id: id, caption } of ledger.filter(isLive)) {
    if (named.has(`${chat}/${id}`)) continue;
    const [, blobId = "", place = ""] = caption?.split(" ") ?? [];
    const at = [`${chat}/${id}`, `${chat} ${blobId} ${place.split("/")[0] ?? ""}`]
      .map((key) => listed.indexOf(key))
      .find((found) => found >= 0);
    if (at === undefined) wrong.push(`message ${chat}/${id} (${caption ?? ""}) belongs to nothing`);
    else listed.splice(at, 1);
  }
  return wrong;
}

function leftStaged(world: World, files: FileRecord[], blobs: BlobRecord[], killed: boolean): string[] {
  const failed = new Set(files.filter(({ state }) => state === "FAILED").map(({ blobId }) => blobId));
  const awaited = new Set(blobs.filter(({ _id }) => failed.has(_id)).map(({ stagedId }) => stagedId));
  const left = world.drive.files().filter(({ id }) => !awaited.has(id));
  const { openSessions, openSessionBytes } = world.drive.stats();
  return [
    ...left.map(({ id, name }) => `${id} (blob ${name}) is still staged`),
    ...((killed ? openSessionBytes : openSessions) > 0 ? [`${openSessions} upload sessions are open`] : []),
  ];
}

/** A cancelled file has no bytes anywhere, except in messages that nobody knows the ids of; those are listed. */
function leftOfCancelled(
  files: FileRecord[],
  blobs: BlobRecord[],
  parts: PartRecord[],
  ledger: LedgerEntry[],
  orphans: OrphanRecord[],
): string[] {
  const cancelled = files.filter(({ state }) => state === "CANCELLED").map(({ blobId }) => blobId);
  const left = [...blobs.map(({ _id }) => _id), ...parts.map(({ blobId }) => blobId)];
  return cancelled.flatMap((blobId = "") => {
    const messages = ledger.filter((entry) => isLive(entry) && entry.caption?.includes(blobId)).length;
    const unknown = orphans.filter((orphan) => orphan.blobId === blobId && orphan.messageId === undefined);
    return [
      ...(left.includes(blobId) ? [`cancelled blob ${blobId} is still recorded`] : []),
      ...(messages > unknown.length ? [`${messages} messages of cancelled blob ${blobId} are left`] : []),
    ];
  });
}

function miscounted(files: FileRecord[], users: UserRecord[]): string[] {
  return users.flatMap(({ _id, bytesUsed, fileCount, reserved = [] }) => {
    const own = files.filter(({ ownerId, state }) => ownerId === _id && !UNCOUNTED.includes(state));
    const bytes = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const left = reserved.map(({ key }) => `user ${_id}: room for file ${key} is still reserved`);
    return bytes === bytesUsed && own.length === fileCount
      ? left
      : [
          ...left,
          `user ${_id}: ${fileCount} files of ${bytesUsed} bytes kept, ${own.length} of ${bytes} are there`,
        ];
  });
}

function isLive({ deleted, lost, edited }: LedgerEntry): boolean {
  // What could not be deleted any more is overwritten: its bytes are gone all the same.
  return !deleted && !lost && !edited;
}
