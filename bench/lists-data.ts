import type { Connection, mongo } from "mongoose";
import { DERIVED } from "../server/adapters/mongo/file-lists.js";
import { emailFacts, usernameFacts } from "../server/adapters/mongo/user-document.js";
import { DERIVED as DERIVED_OF_USERS } from "../server/adapters/mongo/user-lists.js";
import type { FileState } from "../server/files/file.js";
import { nameKey } from "../server/files/names.js";
import { wordsOf } from "../server/files/words.js";
import { anonymousOwner } from "../server/kernel/anonymous.js";
import { newId } from "../server/kernel/ids.js";

export const SIZES = { owned: 100_000, files: 300_000, users: 100_000 } as const;
export const FOLDER = newId();
export const ARCHIVER = newId();

const AT_ONCE = 2_500;
const START = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

interface Row extends mongo.Document {
  _id: string;
}

/** Files and users straight into the database: as the server leaves them, but without the indexes, which it makes. */
export async function fill(connection: Connection, ownerId: string): Promise<void> {
  const files = connection.collection<Row>("files");
  await files.dropIndexes();
  await insert(SIZES.files, (i) => fileAt(i, ownerId), files, [DERIVED]);
  await insert(SIZES.users, userAt, connection.collection<Row>("users"), [DERIVED_OF_USERS]);
}

async function insert(
  count: number,
  rowAt: (i: number) => Row,
  into: mongo.Collection<Row>,
  then?: mongo.Document[],
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    const rows = Array.from({ length: size }, (_, i) => rowAt(from + i));
    await into.insertMany(rows);
    const [first, last] = [rows[0]?._id ?? "", rows.at(-1)?._id ?? ""];
    if (then !== undefined) await into.updateMany({ _id: { $gte: first, $lte: last } }, then);
    process.stderr.write("·");
  }
}

/** A third of them one owner's; one in fifteen nobody's; one in ten archived; one in a hundred failed. */
function fileAt(i: number, ownerId: string): Row {
  const isOwned = i % 3 === 0;
  const isNobodys = i % 15 === 1;
  const folderId = isOwned && i < 3_000 ? FOLDER : undefined;
  const name = `IMG ${String(i).padStart(7, "0")} Wörd${i % 601}${isOwned ? "" : " theirs"}.jpg`;
  const state: FileState = i % 100 === 0 ? "FAILED" : i % 50 === 7 ? "TRANSFERRING" : "STORED";
  return {
    ...{ _id: newId(), name, nameKey: nameKey(name), words: wordsOf(name), state, transferEpoch: 1 },
    ...{ mimeType: "image/jpeg", kind: "image", sizeBytes: (i * 7919) % 50_000, sha256: "0".repeat(64) },
    ...{ createdAt: new Date(START + i * 200_000), blobId: newId(), transferId: newId() },
    ...(folderId === undefined ? { folderIds: [] } : { folderId, folderIds: [folderId] }),
    ownerId: isOwned ? ownerId : isNobodys ? anonymousOwner() : `someone-${i % 200}`,
    ...(isNobodys ? { anonymous: true, expiresAt: new Date(Date.now() + 5 * DAY_MS) } : {}),
    ...(isNobodys ? {} : { ownerRole: isOwned ? "PREMIUM" : i % 100 === 2 ? "ADMIN" : "FREE" }),
    ...(i % 10 === 9 ? { archivedAt: new Date(START + i * 200_000 + DAY_MS), archivedById: ARCHIVER } : {}),
  };
}

function userAt(i: number): Row {
  const username = `user-${i}`;
  return {
    ...{ _id: newId(), ...usernameFacts(username), ...emailFacts(`${username}@example.org`), role: "FREE" },
    ...{ passwordHash: "none", credentialEpoch: 0, bytesUsed: (i * 7919) % 100_000, fileCount: 0 },
    createdAt: new Date(START + i * 600_000),
  };
}
