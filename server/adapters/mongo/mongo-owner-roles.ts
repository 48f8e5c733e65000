import type { Collection, Connection } from "mongoose";
import type { RoleFollowing } from "../../files/files.ports.js";
import { ROLES } from "../../kernel/context.js";
import type { Role } from "../../kernel/context.js";
import { DERIVED, OF_OLDER_VERSIONS, allOf } from "./file-lists.js";
import type { MongoFiles } from "./mongo-files.js";
import { FILES_TO_FOLLOW } from "./owner-roles.js";

/** As long as nobody else takes an account over whose files follow. */
const LEASE_MS = 60_000;
/** Whoever read the role before it changed has written his file by then: nothing waits for so long in between. */
const AGAIN_MS = 600_000;

const IS_DUE = { filesFollowBy: { $exists: true }, $expr: { $lte: ["$filesFollowBy", "$$NOW"] } };

interface OwnerDocument {
  _id: string;
  role: Role;
  /** Since when its files have to follow; while they do: until when. */
  filesFollowBy?: Date;
  /** They follow once more later. */
  filesFollowAgain?: boolean;
}

/**
 * Lists have a place for each role, so that any of them is a stretch of an index however many accounts have the role. The
 * price is that an account's files are written when its role changes, which only administrators do, and seldom.
 */
export class MongoOwnerRoles implements RoleFollowing {
  private readonly users: Collection<OwnerDocument>;

  constructor(
    connection: Connection,
    private readonly files: MongoFiles,
  ) {
    this.users = connection.collection<OwnerDocument>("users");
  }

  async syncIndexes(): Promise<void> {
    // Marked before they are derived, so that a crash in between forgets nobody.
    if ((await this.files.model.exists(OF_OLDER_VERSIONS)) === null) return;
    const others = ROLES.filter((role) => role !== "FREE");
    await this.users.updateMany({ role: { $in: others } }, [{ $set: FILES_TO_FOLLOW }]);
    await this.files.deriveOlder();
  }

  async followRoles(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = await this.users.findOne(IS_DUE, { projection: { _id: 1 } });
      if (due === null) return;
      const owner = await this.users.findOneAndUpdate(
        { _id: due._id, ...IS_DUE },
        [{ $set: { filesFollowBy: { $add: ["$$NOW", LEASE_MS] } } }],
        { returnDocument: "after" },
      );
      if (owner !== null) await this.follow(owner);
    }
  }

  private async follow({ _id, role, filesFollowBy, filesFollowAgain }: OwnerDocument): Promise<void> {
    await this.files.model.updateMany(
      { ...allOf(_id), ownerRole: { $ne: role } },
      [{ $set: { ownerRole: { $literal: role } } }, DERIVED],
      { updatePipeline: true },
    );
    // Unless the role has changed again meanwhile, or somebody else took over.
    const isOurs = { _id, role, ...(filesFollowBy !== undefined && { filesFollowBy }) };
    const later = { filesFollowBy: { $add: ["$$NOW", AGAIN_MS] }, filesFollowAgain: "$$REMOVE" };
    const done = { filesFollowBy: "$$REMOVE" };
    await this.users.updateOne(isOurs, [{ $set: filesFollowAgain === true ? later : done }]);
  }
}
