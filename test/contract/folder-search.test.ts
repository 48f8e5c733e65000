import "reflect-metadata";
import mongoose from "mongoose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MongoFolders } from "../../server/adapters/mongo/mongo-folders.js";
import type { FolderSearch } from "../../server/files/files.ports.js";
import { nameKey } from "../../server/files/names.js";
import { wordsOf } from "../../server/files/words.js";
import { newId } from "../../server/kernel/ids.js";
import { startDatabase } from "../support/database.js";
import { explain, indexesOf } from "../support/explained.js";
import type { Command } from "../support/explained.js";

const [OWNER, TOP] = [newId(), newId()];
const COUNT = 2_000;

let server: Awaited<ReturnType<typeof startDatabase>>;
let connection: mongoose.Connection;
let folders: MongoFolders;
const sent: Command[] = [];

beforeAll(async () => {
  server = await startDatabase();
  connection = await mongoose
    .createConnection(server.uri, { dbName: "search", autoIndex: false, monitorCommands: true })
    .asPromise();
  folders = new MongoFolders(connection);
  await connection.collection<{ _id: string }>("folders").insertMany(
    Array.from({ length: COUNT }, (_, i) => {
      const name = `${i % 2 === 0 ? "Plan" : "Draft"} number${i}`;
      return {
        ...{ _id: newId(), name, nameKey: nameKey(name), words: wordsOf(name), failedUploads: [] },
        ...{
          ownerId: i % 10 === 0 ? OWNER : newId(),
          createdAt: new Date(),
          path: i % 100 === 0 ? [TOP] : [],
        },
      };
    }),
  );
  await folders.syncIndexes();
  connection.getClient().on("commandStarted", ({ command }) => sent.push(command));
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

it.each<[string, FolderSearch, number]>([
  ["everybody's, a rare word", { search: "number77" }, 11],
  ["everybody's, two words", { search: "number123 dra" }, 11],
  ["one owner's", { search: "plan", ownerId: OWNER }, 200],
  ["one owner's, a rare word", { search: "number100", ownerId: OWNER }, 2],
  ["everybody's, no word", { search: "!!" }, 0],
  ["below a folder", { search: "plan", ownerId: OWNER, below: TOP }, 200],
])("a search for %s looks at no more folders than it has to", async (_, where, most) => {
  const page = { count: 25, backward: false };

  const plans = await explain(connection, "folders", sent, async () => {
    await folders.search(where, page);
    await folders.countFound(where);
  });

  for (const { queryPlanner, executionStats } of plans) {
    expect(indexesOf(queryPlanner.winningPlan)).not.toContain("COLLSCAN");
    expect(executionStats.totalDocsExamined).toBeLessThanOrEqual(most);
  }
});
