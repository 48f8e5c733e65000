import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { MongoClient } from "mongodb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startMongo } from "../../sandbox/mongo/server.js";
import { CENSUS, unusedWords } from "../support/mongo-census.js";

const MAIN = path.join(import.meta.dirname, "../../dist/sandbox/mongo/main.js");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "telestash-census-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const unused = (): string[] => unusedWords(folder).map(({ word }) => word);

it("says what nobody sent, and which table has it, of a server in this process", async () => {
  const mongo = await startMongo({ censusDir: folder });
  const client = await MongoClient.connect(mongo.uri);
  await client
    .db("test")
    .collection("things")
    .find({ a: { $gt: 1 }, b: { $exists: true } })
    .toArray();
  await client.close();
  await mongo.close();

  expect(unused()).not.toContain("command find");
  expect(unused()).not.toContain("option of find filter");
  expect(unused()).not.toContain("filter operator $gt");
  expect(unusedWords(folder)).toContainEqual({
    word: "filter operator $lt",
    file: "sandbox/mongo/filter.ts",
  });
  expect(unusedWords(folder)).toContainEqual({
    word: "expression $map",
    file: "sandbox/mongo/expressions/arrays.ts",
  });
});

it("loses nothing when a server is killed", async () => {
  const child = spawn(process.execPath, [MAIN, "--port", "0", "--exit-with-parent"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, [CENSUS]: folder },
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const client = await MongoClient.connect((JSON.parse(line.toString()) as { uri: string }).uri);
  await client
    .db("test")
    .collection("things")
    .updateOne({ a: 1 }, { $inc: { n: 1 } }, { upsert: true });

  child.kill("SIGKILL");
  await once(child, "close");
  await client.close();

  expect(unused()).not.toContain("update operator $inc");
  expect(unused()).not.toContain("field of updates upsert");
  expect(unused()).toContain("field of updates multi");
  expect(unused()).toContain("update operator $push");
});

it("counts nothing of a server that is told no folder", async () => {
  const mongo = await startMongo({});
  const client = await MongoClient.connect(mongo.uri);
  await client.db("test").command({ ping: 1 });
  await client.close();
  await mongo.close();

  expect(await readdir(folder)).toEqual([]);
});
