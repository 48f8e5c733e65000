import { getModelForClass } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type {
  UserFileStates,
  UserChange,
  UserDetails,
  UserDirectory,
  UserFilter,
  UserOrder,
  UserOrderField,
} from "../../admin/users.ports.js";
import type { StandingFence } from "../../auth/auth.ports.js";
import { emailKey, usernameKey } from "../../auth/user.js";
import type { User } from "../../auth/user.js";
import type { FileState } from "../../files/file.js";
import type { Page, PageRequest } from "../../files/files.ports.js";
import { taken, toAccount, UserDocument } from "./mongo-accounts.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import { allOf } from "./file-lists.js";
import { findPage } from "./page.js";
import type { Sort } from "./page.js";

const ORDER: Record<UserOrderField, Omit<Sort, "descending">> = {
  NAME: { field: "usernameKey", unique: true },
  CREATED_AT: { field: "createdAt" },
  USAGE: { field: "bytesUsed" },
};

/** Sorts after every text that begins alike: the last code point of Unicode. */
const LAST = "\u{10ffff}";

interface SessionSums {
  _id: string;
  count: number;
  opened: Date;
  used: Date;
}

/** The users collection as administrators read it; what sessions and files know of a user is read along. */
export class MongoUserDirectory implements UserDirectory {
  private readonly model: ReturnModelType<typeof UserDocument>;

  constructor(private readonly connection: Connection) {
    this.model = getModelForClass(UserDocument, {
      existingConnection: connection,
      // A second model of this class on the connection needs a name of its own.
      options: { disableCaching: true, customName: "UserDirectory" },
    });
  }

  list(filter: UserFilter, order: UserOrder, page: PageRequest): Promise<Page<User>> {
    const sort = { ...ORDER[order.field], descending: order.descending };
    return findPage(this.model, toQuery(filter), sort, page, toAccount);
  }

  async count(filter: UserFilter): Promise<number> {
    return this.model.countDocuments(toQuery(filter));
  }

  async details(ids: readonly string[]): Promise<UserDetails[]> {
    const [users, sessions] = await Promise.all([
      this.model
        .find({ _id: { $in: [...ids] } })
        .select({ consentedAt: 1 })
        .lean<UserDocument[]>(),
      this.sessionSums(ids),
    ]);
    return users.map(({ _id, consentedAt }) => {
      const sums = sessions.get(_id);
      return {
        id: _id,
        consentedAt,
        sessionCount: sums?.count ?? 0,
        lastSignInAt: sums?.opened,
        lastSeenAt: sums?.used,
      };
    });
  }

  async filesByState(userIds: readonly string[]): Promise<UserFileStates[]> {
    const rows = await this.connection
      .collection("files")
      .aggregate<{ _id: { ownerId: string; state: FileState }; files: number; bytes: number }>([
        { $match: { ...allOf(...userIds), givenUp: { $exists: false } } },
        {
          $group: {
            _id: { ownerId: "$ownerId", state: "$state" },
            files: { $sum: 1 },
            bytes: { $sum: "$sizeBytes" },
          },
        },
      ])
      .toArray();
    return userIds.map((id) => ({
      id,
      states: rows
        .filter(({ _id }) => _id.ownerId === id)
        .map(({ _id, files, bytes }) => ({ state: _id.state, files, sizeBytes: bytes }))
        .sort((a, b) => a.state.localeCompare(b.state)),
    }));
  }

  async change(id: string, change: UserChange, fence?: StandingFence): Promise<User | undefined> {
    const { username, email, role } = change;
    const facts = {
      ...(username !== undefined && { username, usernameKey: usernameKey(username) }),
      ...(email !== undefined && { email, emailKey: emailKey(email) }),
      ...(role !== undefined && { role }),
    };
    const update = { $set: facts, ...(role !== undefined && { $inc: { standingEpoch: 1 } }) };
    try {
      const before = await this.model
        .findOneAndUpdate({ _id: id, archivedAt: null, ...fence }, update, { returnDocument: "before" })
        .lean<UserDocument>();
      return before === null ? undefined : toAccount(before);
    } catch (error) {
      throw taken(duplicateKeyOf(error)) ?? error;
    }
  }

  private async sessionSums(ids: readonly string[]): Promise<Map<string, SessionSums>> {
    const rows = await this.connection
      .collection("sessions")
      .aggregate<SessionSums>([
        { $match: { userId: { $in: [...ids] } } },
        {
          $group: {
            _id: "$userId",
            count: { $sum: 1 },
            opened: { $max: "$createdAt" },
            used: { $max: "$rotatedAt" },
          },
        },
      ])
      .toArray();
    return new Map(rows.map((row) => [row._id, row]));
  }
}

function toQuery({ search, role, archived }: UserFilter): object {
  return {
    archivedAt: archived ? { $gt: new Date(0) } : null,
    ...(role !== undefined && { role }),
    ...(search !== undefined && {
      $or: [
        { usernameKey: beginning(usernameKey(search.trim())) },
        { emailKey: beginning(emailKey(search)) },
      ],
    }),
  };
}

/** A range instead of a pattern: an index finds it, and no sign in the text means anything. */
function beginning(text: string): { $gte: string; $lt: string } {
  return { $gte: text, $lt: text + LAST };
}
