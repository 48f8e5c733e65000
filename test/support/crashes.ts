import { DERIVED } from "../../server/adapters/mongo/file-lists.js";
import type { Database } from "./audit.js";

/** What a file waits for. */
const MARKS = ["receivingUntil", "countedBy", "openPurgeBy", "claim.dueAt"];
const LONG_AGO = new Date(1_000);

/** What a dead process held runs out by itself within a minute; here at once, before the next one starts. */
export async function expireLeases(database: Database): Promise<void> {
  const due = { dueAt: { $exists: true } };
  await database.db.collection("turns").updateMany({}, { $set: { taken: [] } });
  for (const name of ["transfers", "purges", "folderCopies", "folders"])
    await database.db.collection(name).updateMany(due, { $set: { dueAt: LONG_AGO } });
  for (const mark of MARKS) {
    const expired = [{ $set: { [mark]: LONG_AGO } }, DERIVED];
    await database.files.updateMany({ [mark]: { $exists: true } }, expired);
  }
  for (const { _id, reserved = [] } of await database.users.find().toArray()) {
    const old = reserved.map((room) => ({ ...room, at: LONG_AGO }));
    await database.users.updateOne({ _id }, { $set: { reserved: old } });
  }
}

/** What a server still has to do, in words. */
export async function underWay(database: Database): Promise<string[]> {
  const purges = await database.db
    .collection("purges")
    .find({ dueAt: { $exists: true } })
    .toArray();
  const copies = await database.db.collection("folderCopies").find({ state: "RUNNING" }).toArray();
  // What was archived with its folder takes its place when that is restored.
  const isLive = { $or: [{ archivedAt: { $exists: false } }, { claim: { $exists: false } }] };
  const files = await database.files.find({ "due.for": "SWEEP", ...isLive }).toArray();
  return [
    ...purges.map((purge) => `purge ${JSON.stringify(purge)}`),
    ...copies.map((copy) => `copy ${JSON.stringify(copy)}`),
    ...files.map((file) => `file ${JSON.stringify(file)}`),
  ];
}
