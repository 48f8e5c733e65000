import "reflect-metadata";
import mongoose from "mongoose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MongoFolders } from "../../server/adapters/mongo/mongo-folders.js";
import { nameKey } from "../../server/files/names.js";
import { newId } from "../../server/kernel/ids.js";
import { startDatabase } from "../support/database.js";

interface OlderFolder {
  _id: string;
  name: string;
  slot?: string;
  archivedWith?: string;
}

let server: Awaited<ReturnType<typeof startDatabase>>;
let connection: mongoose.Connection;

beforeAll(async () => {
  server = await startDatabase();
  connection = await mongoose.createConnection(server.uri, { dbName: "older", autoIndex: false }).asPromise();
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

it("folders of a version in which they could share a name get numbers but for the oldest, and nothing else changes", async () => {
  const older = connection.collection<OlderFolder>("folders");
  const [owner, parent] = [newId(), newId()];
  const folder = (name: string, more: object = {}) => ({
    ...{ _id: newId(), name, nameKey: nameKey(name), ownerId: owner, path: [], createdAt: new Date() },
    ...{ failedUploads: [], ...more },
  });
  const documents = [
    folder("Plan"),
    folder("PLAN"),
    folder("plan"),
    folder("Plan (2)"),
    folder("Plan", { parentId: parent, path: [parent] }),
    folder("Plan", { ownerId: newId() }),
    folder("Plan", { archivedAt: new Date() }),
    folder("Plan", {
      ...{ parentId: parent, path: [parent], archivedAt: new Date(), archivedWith: parent },
    }),
  ];
  await older.insertMany(documents);
  const folders = new MongoFolders(connection);

  await folders.syncIndexes();
  const once = await older.find().sort({ _id: 1 }).toArray();
  await folders.syncIndexes();

  const key = (name: string, parentId = "") => `${parentId}/${nameKey(name)}`;
  expect(once.map(({ name, slot }) => [name, slot])).toEqual([
    ["Plan", key("plan")],
    ["PLAN (3)", key("plan (3)")],
    ["plan (4)", key("plan (4)")],
    ["Plan (2)", key("plan (2)")],
    ["Plan", key("plan", parent)],
    ["Plan", key("plan")],
    ["Plan", undefined],
    ["Plan (2)", key("plan (2)", parent)],
  ]);
  expect(await older.find().sort({ _id: 1 }).toArray()).toEqual(once);
});
