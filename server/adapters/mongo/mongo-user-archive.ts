import type { Collection, Connection } from "mongoose";
import type { ArchiveStamp, PurgeRequest } from "../../archives/archive.js";
import type { MarkedThing, UserArchive } from "../../archives/archives.ports.js";
import type { AccountStore, StandingFence } from "../../auth/auth.ports.js";
import type { Account, User } from "../../auth/user.js";
import type { ArchiveMark } from "../../kernel/archived.js";
import type { ArchivableDocument } from "./archivable-document.js";
import { toArchiveMark } from "./archivable-document.js";
import { IS_DUE, MAY_PURGE, RESTORED, archived, purging, toMarkedThing } from "./archive-updates.js";
import { DERIVED } from "./user-lists.js";

type UserRecord = ArchivableDocument & { _id: string; username: string; standingEpoch?: number | null };

/** The part of an account's document that says whether it is archived. */
export class MongoUserArchive implements UserArchive {
  private readonly users: Collection<UserRecord>;

  constructor(
    private readonly connection: Connection,
    private readonly accounts: Pick<AccountStore, "find" | "findMany">,
  ) {
    this.users = connection.collection<UserRecord>("users");
  }

  async findMany(ids: readonly string[]): Promise<(Account & ArchiveMark)[]> {
    const [accounts, records] = await Promise.all([
      this.accounts.findMany(ids),
      this.users.find({ _id: { $in: [...ids] } }).toArray(),
    ]);
    const marks = new Map(records.map((record) => [record._id, toArchiveMark(record)]));
    return accounts.flatMap((account) => {
      const mark = marks.get(account.id);
      return mark === undefined ? [] : [{ ...account, ...mark }];
    });
  }

  async archive(id: string, stamp: ArchiveStamp, fence: StandingFence): Promise<User | undefined> {
    const standingEpoch = { $add: [{ $ifNull: ["$standingEpoch", 0] }, 1] };
    const { matchedCount } = await this.users.updateOne({ _id: id, ...fence }, [
      { $set: { ...archived(stamp), standingEpoch } },
      DERIVED,
    ]);
    return matchedCount === 1 ? this.accounts.find(id) : undefined;
  }

  async restore(id: string, fence: StandingFence): Promise<User | undefined> {
    const standingEpoch = { $add: [{ $ifNull: ["$standingEpoch", 0] }, 1] };
    const { matchedCount } = await this.users.updateOne(
      { _id: id, ...fence, purgingAt: { $exists: false } },
      [{ $unset: [...RESTORED] }, { $set: { standingEpoch } }, DERIVED],
    );
    return matchedCount === 1 ? this.accounts.find(id) : undefined;
  }

  async markPurging(id: string, request: PurgeRequest): Promise<boolean> {
    const { matchedCount } = await this.users.updateOne({ _id: id, ...MAY_PURGE }, [
      { $set: purging(request) },
    ]);
    return matchedCount === 1;
  }

  async unopened(limit: number): Promise<MarkedThing[]> {
    const found = await this.users.find(IS_DUE).limit(limit).toArray();
    return found.map((record) => toMarkedThing(record, { name: record.username, ownerId: record._id }));
  }

  async markOpened(ids: readonly string[]): Promise<void> {
    await this.users.updateMany({ _id: { $in: [...ids] } }, { $unset: { openPurgeBy: 1 } });
  }

  async remove(id: string): Promise<void> {
    await this.connection.collection("sessions").deleteMany({ userId: id });
    for (const name of ["passwordResets", "emailChanges", "turns"]) {
      await this.connection.collection<{ _id: string }>(name).deleteOne({ _id: id });
    }
    await this.users.deleteOne({ _id: id, purgingAt: { $exists: true } });
  }
}
