import { getModelForClass } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type {
  SeenUser,
  UserFileStates,
  UserChange,
  UserDetails,
  UserDirectory,
  UserFilter,
  UserOrder,
  UserOrderField,
} from "../../admin/users.ports.js";
import type { StandingFence } from "../../auth/auth.ports.js";
import type { User } from "../../auth/user.js";
import type { FileState } from "../../files/file.js";
import type { Page, PageRequest } from "../../files/files.ports.js";
import { literals } from "./literals.js";
import { taken } from "./mongo-accounts.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import { allOf } from "./file-lists.js";
import { FILES_TO_FOLLOW } from "./owner-roles.js";
import { findPage } from "./page.js";
import type { Sort } from "./page.js";
import { UserDocument, emailFacts, toAccount, usernameFacts } from "./user-document.js";
import { DERIVED, usersOf, usersToCount } from "./user-lists.js";

const ORDER: Record<UserOrderField, Omit<Sort, "descending">> = {
  NAME: { field: "usernameKey", unique: true },
  CREATED_AT: { field: "createdAt" },
  USAGE: { field: "bytesUsed" },
};

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
    return findPage(this.model, usersOf(filter), sort, page, toAccount);
  }

  async count(filter: UserFilter): Promise<number> {
    return this.model.countDocuments(usersToCount(filter));
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

  async change(
    id: string,
    change: UserChange,
    onlyIf: Partial<StandingFence & SeenUser> = {},
  ): Promise<User | undefined> {
    const { username, email, role } = change;
    const standingEpoch = { $add: [{ $ifNull: ["$standingEpoch", 0] }, 1] };
    const facts = {
      ...(username !== undefined && usernameFacts(username)),
      ...(email !== undefined && emailFacts(email)),
      ...(role !== undefined && { role }),
    };
    const update = [
      { $set: { ...literals(facts), ...(role !== undefined && { standingEpoch, ...FILES_TO_FOLLOW }) } },
      DERIVED,
    ];
    try {
      const before = await this.model
        .findOneAndUpdate({ _id: id, archivedAt: null, ...onlyIf }, update, {
          updatePipeline: true,
          returnDocument: "before",
        })
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
