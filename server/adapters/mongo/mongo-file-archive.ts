import type { ArchiveStamp, PurgeRequest } from "../../archives/archive.js";
import type { FileArchive, FilePage, MarkedThing } from "../../archives/archives.ports.js";
import type { File } from "../../files/file.js";
import type { FileFilter } from "../../files/files.ports.js";
import {
  MAY_PURGE,
  RESTORED,
  archived,
  isOlderThan,
  mayPurge,
  purging,
  toMarkedThing,
} from "./archive-updates.js";
import { claimValue } from "./claim-updates.js";
import { toFile } from "./file-document.js";
import type { FileDocument } from "./file-document.js";
import { countFiles } from "./file-indexes.js";
import { DERIVED, allOf, inOrder, isDue, isMarked } from "./file-lists.js";
import { literals } from "./literals.js";
import type { MongoFiles } from "./mongo-files.js";
import type { MongoTransfers } from "./mongo-transfers.js";
import { roleOf } from "./owner-roles.js";

const PIPELINE = { updatePipeline: true, returnDocument: "after" } as const;
/** Whoever hands files over counts them himself; a sweep does it after this time. */
const COUNT_PATIENCE_MS = 60_000;

const CURSOR = /^(\d+) ([0-9a-f]+)$/;

type Members = { folderId: string } | { ownerId: string };

export class MongoFileArchive implements FileArchive {
  private readonly model: MongoFiles["model"];

  constructor(
    files: MongoFiles,
    private readonly transfers: Pick<MongoTransfers, "handOver">,
  ) {
    this.model = files.model;
  }

  async findMany(ids: readonly string[]): Promise<File[]> {
    const found = await this.model
      .find({ _id: { $in: [...ids] }, givenUp: { $exists: false } })
      .lean<FileDocument[]>();
    return found.map(toFile);
  }

  async archive(id: string, stamp: ArchiveStamp): Promise<File | undefined> {
    const isLive = { archivedAt: { $exists: false } };
    const isOwners = { archivedByAdmin: { $exists: false } };
    return this.change(
      { _id: id, purgingAt: { $exists: false }, ...(stamp.byAdmin ? isOwners : isLive) },
      { $set: { ...archived(stamp), slot: "$$REMOVE", claim: "$$REMOVE" } },
    );
  }

  restore(id: string): Promise<File | undefined> {
    const claim = claimValue({ name: "$name", folderId: "$folderId" }, "RENAME");
    const gone = Object.fromEntries(RESTORED.map((name) => [name, "$$REMOVE"]));
    return this.change({ _id: id, ...MAY_PURGE }, { $set: { ...gone, claim } });
  }

  async markPurging(id: string, request: PurgeRequest): Promise<boolean> {
    return (await this.change({ _id: id, ...mayPurge(request) }, { $set: purging(request) })) !== undefined;
  }

  async markAllPurging(of: Members, parentId: string): Promise<void> {
    const mark = purging({ byId: undefined }, parentId);
    await this.model.updateMany(
      { ...membersOf(of), purgingAt: { $exists: false } },
      [{ $set: mark }, DERIVED],
      { updatePipeline: true },
    );
  }

  async unopened(which: "due" | { parentId: string }, limit: number): Promise<MarkedThing[]> {
    const isTheirs = (parentId: string) => ({ ...isMarked("openPurgeBy"), purgeParentId: parentId });
    const filter = which === "due" ? isDue("openPurgeBy") : isTheirs(which.parentId);
    const found = await this.model
      .find(filter as object)
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map((document) => toMarkedThing(document, document));
  }

  async markOpened(ids: readonly string[]): Promise<void> {
    await this.model.updateMany({ _id: { $in: [...ids] } }, [{ $unset: ["openPurgeBy"] }, DERIVED], {
      updatePipeline: true,
    });
  }

  async countOf(of: Members): Promise<number> {
    return this.model.countDocuments(membersOf(of));
  }

  async remove(id: string): Promise<void> {
    await this.model.deleteOne({ _id: id, purgingAt: { $exists: true } });
  }

  async heldBy(ownerId: string, limit: number): Promise<File[]> {
    const found = await this.model
      .find({ ...allOf(ownerId), purgingAt: { $exists: false } })
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map(toFile);
  }

  async handOver(ids: readonly string[], from: string, to: string): Promise<void> {
    await this.transfers.handOver(ids, to);
    const isCounted = { $not: [{ $in: ["$state", ["RECEIVING", "CANCELLED"]] }] };
    const countedBy = { $cond: [isCounted, { $add: ["$$NOW", COUNT_PATIENCE_MS] }, "$$REMOVE"] };
    // The heir may have files of these names at the top: there each takes a place that is free.
    const isLoose = {
      $and: [{ $eq: [{ $type: "$folderId" }, "missing"] }, { $ne: [{ $type: "$slot" }, "missing"] }],
    };
    const placeless = {
      slot: { $cond: [isLoose, "$$REMOVE", "$slot"] },
      claim: { $cond: [isLoose, claimValue({ name: "$name", folderId: "$$REMOVE" }, "RENAME"), "$claim"] },
    };
    // The heir made none of them, and may have used the same keys.
    const heir = {
      ...literals({ ownerId: to, ownerRole: await roleOf(this.model.db, to) }),
      uploadKey: "$$REMOVE",
    };
    await this.model.updateMany(
      { _id: { $in: [...ids] }, ownerId: from, purgingAt: { $exists: false } },
      [{ $set: { ...heir, countedBy, ...placeless } }, DERIVED],
      { updatePipeline: true },
    );
  }

  async uncountedOf(ownerId: string, limit: number): Promise<File[]> {
    const found = await this.model
      .find({ ...isMarked("countedBy"), ownerId } as object)
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map(toFile);
  }

  async expired(days: number, limit: number): Promise<string[]> {
    const found = await this.model
      .find({ "due.for": "RETENTION", $expr: isOlderThan(days, "$due.at") } as object)
      .sort({ "due.at": 1 })
      .limit(limit)
      .select({ _id: 1 })
      .lean<FileDocument[]>();
    return found.map(({ _id }) => _id);
  }

  async over(limit: number): Promise<File[]> {
    const found = await this.model
      .find({
        ...isDue("expiresAt"),
        purgingAt: { $exists: false },
        givenUp: { $exists: false },
        folderId: { $exists: false },
      } as object)
      .sort({ "due.at": 1 })
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map(toFile);
  }

  async pageAfter(filter: FileFilter, after: string, before: Date, limit: number): Promise<FilePage> {
    // In the order of an index: by time and then by id.
    const [, ms = "", id = ""] = CURSOR.exec(after) ?? [];
    const since = new Date(Number(ms));
    const behind = { $or: [{ createdAt: { $gt: since } }, { createdAt: since, _id: { $gt: id } }] };
    const found = await this.model
      .find({
        $and: [inOrder(filter, "createdAt"), ms === "" ? {} : behind, { createdAt: { $lte: before } }],
      })
      .sort({ createdAt: 1, _id: 1 })
      .limit(limit)
      .select({ _id: 1, createdAt: 1 })
      .lean<FileDocument[]>();
    const last = found.at(-1);
    return {
      ids: found.map(({ _id }) => _id),
      cursor: last === undefined ? after : `${last.createdAt.getTime()} ${last._id}`,
    };
  }

  async count(filter: FileFilter): Promise<number> {
    return countFiles(this.model, filter);
  }

  private async change(filter: object, stage: { $set: Record<string, unknown> }): Promise<File | undefined> {
    const document = await this.model
      .findOneAndUpdate(filter, [stage, DERIVED], PIPELINE)
      .lean<FileDocument>();
    return document === null ? undefined : toFile(document);
  }
}

function membersOf(of: Members): object {
  return "folderId" in of ? { folderIds: of.folderId } : allOf(of.ownerId);
}
