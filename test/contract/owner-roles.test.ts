import "reflect-metadata";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MongoAccounts } from "../../server/adapters/mongo/mongo-accounts.js";
import { MongoFiles } from "../../server/adapters/mongo/mongo-files.js";
import { MongoFolders } from "../../server/adapters/mongo/mongo-folders.js";
import { MongoOwnerRoles } from "../../server/adapters/mongo/mongo-owner-roles.js";
import { MongoUserDirectory } from "../../server/adapters/mongo/mongo-user-directory.js";
import type { Role } from "../../server/kernel/context.js";
import { newId } from "../../server/kernel/ids.js";
import { startDatabase } from "../support/database.js";
import { putFiles } from "../support/stored-files.js";

let server: Awaited<ReturnType<typeof startDatabase>>;
let connection: mongoose.Connection;
let files: MongoFiles;
let roles: MongoOwnerRoles;
let accounts: MongoAccounts;
let directory: MongoUserDirectory;

beforeAll(async () => {
  server = await startDatabase();
  connection = await mongoose.createConnection(server.uri, { dbName: "roles", autoIndex: false }).asPromise();
  files = new MongoFiles(connection, new MongoFolders(connection));
  roles = new MongoOwnerRoles(connection, files);
  accounts = new MongoAccounts(connection);
  directory = new MongoUserDirectory(connection);
  await files.syncIndexes();
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

const users = () => connection.collection<{ _id: string; filesFollowBy?: Date }>("users");
const follow = () => roles.followRoles(new AbortController().signal);
const isUnder = (ownerRole: Role, ownerId: string) => files.count({ ownerRole, ownerId, archived: false });

async function owner(): Promise<string> {
  const id = newId();
  const names = { username: `owner.${id}`, email: `${id}@example.com` };
  const facts = { role: "FREE" as const, passwordHash: "-", createdAt: new Date(), consentedAt: undefined };
  await accounts.insert({ id, ...names, ...facts });
  return id;
}

const aFile = (ownerId: string, ownerRole: Role) =>
  putFiles(connection.collection("files"), [{ _id: newId(), name: "a.txt", ownerId, ownerRole }]);

describe("files whose owner's role changed", () => {
  it("follow, also one whose upload had read the role before, and then the account is not looked at again", async () => {
    const id = await owner();
    await aFile(id, "FREE");
    await directory.change(id, { role: "PREMIUM" });

    await follow();
    expect(await isUnder("PREMIUM", id)).toBe(1);

    await aFile(id, "FREE");
    await follow();
    // Not before everybody who had read the role has written.
    expect(await isUnder("FREE", id)).toBe(1);

    await users().updateOne({ _id: id }, { $set: { filesFollowBy: new Date(0) } });
    await follow();
    expect([await isUnder("PREMIUM", id), await isUnder("FREE", id)]).toEqual([2, 0]);
    expect(await users().findOne({ _id: id })).not.toHaveProperty("filesFollowBy");
  });

  it("follow after their worker died, and after another change while they followed", async () => {
    const id = await owner();
    await aFile(id, "FREE");
    await directory.change(id, { role: "ADMIN" });
    // As a worker left it that died before it wrote: its time is over.
    await users().updateOne({ _id: id }, { $set: { filesFollowBy: new Date(0) } });

    await follow();
    expect(await isUnder("ADMIN", id)).toBe(1);

    await directory.change(id, { role: "FREE" });
    await follow();
    expect(await isUnder("FREE", id)).toBe(1);
  });

  it("are made under the role that their owner has by then", async () => {
    const id = await owner();
    await directory.change(id, { role: "PREMIUM" });
    const fresh = { name: "new.txt", mimeType: "text/plain", ownerId: id, folderId: undefined };

    await files.create({ id: newId(), blobId: newId(), ...fresh }, "FROM_THE_START", 60_000);

    expect(await isUnder("PREMIUM", id)).toBe(1);
  });
});
