import type { Connection } from "mongoose";
import type { Role } from "../../kernel/context.js";
import { ROLE_UNLESS_KNOWN } from "./file-lists.js";

/** The role of an account now, as its files are listed. */
export async function roleOf(connection: Connection, userId: string): Promise<Role> {
  const account = await connection
    .collection<{ _id: string; role: Role }>("users")
    .findOne({ _id: userId }, { projection: { role: 1 } });
  return account?.role ?? ROLE_UNLESS_KNOWN;
}

/** The values of a `$set` stage with which an account's role changes, or was not known of its files: these have to follow. */
export const FILES_TO_FOLLOW = { filesFollowBy: "$$NOW", filesFollowAgain: true } as const;
