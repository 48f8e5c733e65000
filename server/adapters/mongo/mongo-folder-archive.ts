import type { ArchiveStamp, PurgeRequest } from "../../archives/archive.js";
import type {
  ArchivedFolderFilter,
  FolderArchive,
  FolderChange,
  MarkedThing,
} from "../../archives/archives.ports.js";
import type { Page, PageRequest } from "../../files/files.ports.js";
import type { Folder } from "../../files/folder.js";
import { newId } from "../../kernel/ids.js";
import {
  IS_DUE,
  IS_LIVE,
  IS_OVER,
  MAY_PURGE,
  RESTORED,
  archived,
  isOlderThan,
  mayPurge,
  purging,
  takenOver,
  toMarkedThing,
} from "./archive-updates.js";
import { DERIVED } from "./file-lists.js";
import { literals } from "./literals.js";
import type { MongoFiles } from "./mongo-files.js";
import { toFolder } from "./mongo-folders.js";
import type { FolderDocument, MongoFolders } from "./mongo-folders.js";
import { findPage } from "./page.js";

const PIPELINE = { updatePipeline: true, returnDocument: "after" } as const;
/** Whoever changes a folder carries it out himself; a sweep takes over after this time. */
const CHANGE_MS = 30_000;
/** Nobody archives, restores or moves it at this moment. */
const IS_STILL = { change: { $exists: false } };

export class MongoFolderArchive implements FolderArchive {
  private readonly model: MongoFolders["model"];
  private readonly files: MongoFiles["model"];

  constructor(folders: MongoFolders, files: MongoFiles) {
    this.model = folders.model;
    this.files = files.model;
  }

  async findMany(ids: readonly string[]): Promise<Folder[]> {
    const found = await this.model.find({ _id: { $in: [...ids] } }).lean<FolderDocument[]>();
    return found.map(toFolder);
  }

  list(filter: ArchivedFolderFilter, page: PageRequest): Promise<Page<Folder>> {
    return findPage(this.model, rootsOf(filter), { field: "archivedAt", descending: true }, page, toFolder);
  }

  async count(filter: ArchivedFolderFilter): Promise<number> {
    return this.model.countDocuments(rootsOf(filter));
  }

  async begin(
    id: string,
    to: FolderChange["to"],
    through: readonly string[],
  ): Promise<FolderChange | undefined> {
    const other = to === "LIVE" ? MAY_PURGE : IS_LIVE;
    const change = {
      ...literals({ to, through, run: newId() }),
      unit: to === "LIVE" ? { $ifNull: ["$archivedWith", "$_id"] } : "$_id",
      dueAt: { $add: ["$$NOW", CHANGE_MS] },
    };
    const document = await this.model
      .findOneAndUpdate({ _id: id, ...other, ...IS_STILL }, [{ $set: { change } }], PIPELINE)
      .lean<FolderDocument>();
    return toChange(document);
  }

  async commitArchive({ folderId, run }: FolderChange, stamp: ArchiveStamp): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      { _id: folderId, "change.run": run ?? null, ...IS_LIVE },
      [{ $set: { ...archived(stamp), slot: "$$REMOVE" } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async commitRestore({ folderId, run }: FolderChange): Promise<void> {
    await this.model.updateOne(
      { _id: folderId, "change.run": run ?? null, ...MAY_PURGE },
      [{ $unset: [...RESTORED, "slot"] }],
      { updatePipeline: true },
    );
  }

  async takeOver(id: string, stamp: ArchiveStamp): Promise<void> {
    const change = [{ $set: takenOver(stamp) }];
    const isOwners = { archivedAt: { $exists: true }, archivedByAdmin: { $exists: false } };
    const options = { updatePipeline: true };
    const [folder] = await this.findMany([id]);
    const unit = folder?.archivedWith ?? id;
    await this.model.updateMany({ path: id, archivedWith: unit, ...isOwners }, change, options);
    const files = { folderIds: id, archivedWith: unit, ...isOwners };
    await this.files.updateMany(files, [...change, DERIVED], options);
    await this.model.updateOne({ _id: id, ...isOwners }, change, options);
  }

  async carryOut({ folderId, to, unit }: FolderChange): Promise<void> {
    const options = { updatePipeline: true };
    if (to === "LIVE") {
      const change = [{ $unset: [...RESTORED] }];
      const theirs = { archivedWith: unit, purgingAt: { $exists: false } };
      await this.model.updateMany({ path: folderId, ...theirs }, change, options);
      await this.files.updateMany({ folderIds: folderId, ...theirs }, [...change, DERIVED], options);
      return;
    }
    const document = await this.model.findById(folderId).lean<FolderDocument>();
    if (document?.archivedAt === undefined) return;
    const stamp = {
      byId: document.archivedById,
      byAdmin: document.archivedByAdmin ?? false,
      reason: document.archivedReason,
    };
    const change = [{ $set: { ...archived(stamp, unit), archivedAt: document.archivedAt } }];
    const live = { archivedAt: { $exists: false }, purgingAt: { $exists: false } };
    // Twice: a folder made in one that the first pass had not reached yet is met by the second.
    await this.model.updateMany({ path: folderId, ...live }, change, options);
    await this.model.updateMany({ path: folderId, ...live }, change, options);
    // Files last: whoever puts one in looks at its folder again after that, and finds it archived or is found here.
    await this.files.updateMany({ folderIds: folderId, ...live }, [...change, DERIVED], options);
  }

  async moveToTop(id: string): Promise<void> {
    const from = (list: string) => {
      return { $slice: [list, { $subtract: [{ $indexOfArray: [list, id] }, { $size: list }] }] };
    };
    const options = { updatePipeline: true };
    await this.files.updateMany({ folderIds: id }, [{ $set: { folderIds: from("$folderIds") } }], options);
    await this.model.updateMany({ path: id }, [{ $set: { path: from("$path") } }], options);
    await this.model.updateOne({ _id: id }, { $set: { path: [] }, $unset: { parentId: 1 } });
  }

  async endChange({ folderId, run }: FolderChange): Promise<void> {
    await this.model.updateOne({ _id: folderId, "change.run": run ?? null }, { $unset: { change: 1 } });
  }

  async isChanging(id: string): Promise<boolean> {
    return (await this.model.exists({ _id: id, change: { $exists: true } })) !== null;
  }

  async isMovedThrough(id: string): Promise<boolean> {
    const found = await this.model.exists({ "change.dueAt": { $exists: true }, "change.through": id });
    return found !== null;
  }

  async unfinished(limit: number): Promise<FolderChange[]> {
    const taken: FolderChange[] = [];
    while (taken.length < limit) {
      // Taken for as long again, so that two sweeps do not finish the same one.
      const document = await this.model
        .findOneAndUpdate(
          {
            "change.dueAt": { $exists: true },
            "change.to": { $ne: "PLACED" },
            $expr: { $lte: ["$change.dueAt", "$$NOW"] },
          },
          [{ $set: { "change.dueAt": { $add: ["$$NOW", CHANGE_MS] } } }],
          PIPELINE,
        )
        .lean<FolderDocument>();
      const change = toChange(document);
      if (change === undefined) break;
      taken.push(change);
    }
    return taken;
  }

  async markPurging(id: string, request: PurgeRequest): Promise<boolean> {
    const { matchedCount } = await this.model.updateOne(
      { _id: id, ...mayPurge(request), ...IS_STILL },
      [{ $set: purging(request) }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async unopened(limit: number): Promise<MarkedThing[]> {
    const found = await this.model.find(IS_DUE).limit(limit).lean<FolderDocument[]>();
    return found.map((document) => toMarkedThing(document, document));
  }

  async markOpened(ids: readonly string[]): Promise<void> {
    await this.model.updateMany({ _id: { $in: [...ids] } }, { $unset: { openPurgeBy: 1 } });
  }

  async treeOf(id: string): Promise<string[]> {
    const found = await this.model
      .find({ $or: [{ _id: id }, { path: id }] })
      .select({ _id: 1 })
      .lean<FolderDocument[]>();
    return found.map(({ _id }) => _id);
  }

  async removeTree(id: string): Promise<void> {
    await this.model.deleteMany({ path: id });
    await this.model.deleteOne({ _id: id });
  }

  async removeAllOf(ownerId: string): Promise<void> {
    await this.model.deleteMany({ ownerId });
  }

  async handOver(from: string, to: string): Promise<void> {
    // The heir may have folders of these names at the top: there each takes a place that is free, by a sweep.
    const isAtTop = { $eq: [{ $type: "$parentId" }, "missing"] };
    const isLive = { $eq: [{ $type: "$archivedAt" }, "missing"] };
    const placing = {
      ...{ to: { $literal: "PLACED" }, unit: newId(), through: { $literal: [] } },
      dueAt: "$$NOW",
    };
    const heirs = {
      ownerId: { $literal: to },
      slot: { $cond: [isAtTop, "$$REMOVE", "$slot"] },
      change: { $cond: [{ $and: [isAtTop, isLive] }, { $ifNull: ["$change", placing] }, "$change"] },
    };
    await this.model.updateMany({ ownerId: from, purgingAt: { $exists: false } }, [{ $set: heirs }], {
      updatePipeline: true,
    });
  }

  async expired(days: number, limit: number): Promise<string[]> {
    const found = await this.model
      .find({ ...rootsOf({}), ...IS_STILL, $expr: isOlderThan(days, "$archivedAt") })
      .sort({ archivedAt: 1 })
      .limit(limit)
      .select({ _id: 1 })
      .lean<FolderDocument[]>();
    return found.map(({ _id }) => _id);
  }

  async over(limit: number): Promise<Folder[]> {
    const found = await this.model
      .find({ ...IS_OVER, ...IS_STILL, parentId: { $exists: false } })
      .sort({ expiresAt: 1 })
      .limit(limit)
      .lean<FolderDocument[]>();
    return found.map(toFolder);
  }
}

function rootsOf({ ownerId, archivedById }: ArchivedFolderFilter) {
  return {
    archivedAt: { $exists: true },
    archivedWith: { $exists: false },
    purgingAt: { $exists: false },
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(archivedById === undefined ? {} : { archivedById }),
  };
}

function toChange(document: FolderDocument | null): FolderChange | undefined {
  const { to, unit, run } = document?.change ?? {};
  if (document === null || to === undefined || to === "PLACED" || unit === undefined) return undefined;
  return { folderId: document._id, to, unit, run };
}
