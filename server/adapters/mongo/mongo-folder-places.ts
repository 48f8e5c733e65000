import type { ChainLink, FolderPlace, FolderPlaces, UnfinishedMove } from "../../files/files.ports.js";
import type { Folder } from "../../files/folder.js";
import { IS_LIVE } from "./archive-updates.js";
import { slotOf } from "./file-document.js";
import { allIn } from "./file-lists.js";
import type { MongoFiles } from "./mongo-files.js";
import { folderNameFacts } from "./mongo-folders.js";
import type { FolderDocument, MongoFolders } from "./mongo-folders.js";

/** Whoever moves a folder carries it out himself; a sweep takes over after this time. */
const MOVE_MS = 30_000;

export class MongoFolderPlaces implements FolderPlaces {
  private readonly model: MongoFolders["model"];

  constructor(
    private readonly folders: MongoFolders,
    private readonly files: MongoFiles,
  ) {
    this.model = folders.model;
  }

  rename(id: string, name: string): Promise<Folder | "TAKEN" | undefined> {
    return this.folders.place({ _id: id, ...IS_LIVE }, name);
  }

  async chain(id: string): Promise<ChainLink[]> {
    const links: ChainLink[] = [];
    for (let next: string | undefined = id; next !== undefined;) {
      const document: FolderDocument | null = await this.model.findById(next).lean<FolderDocument>();
      if (document === null) return links;
      const { ownerId, change, archivedAt, purgingAt } = document;
      const isShut = archivedAt !== undefined || purgingAt !== undefined;
      links.push({ id: next, ownerId, isChanging: change !== undefined, isShut });
      next = document.parentId;
    }
    return links;
  }

  async begin(id: string, run: string, through: readonly string[]): Promise<boolean> {
    const change = {
      to: { $literal: "PLACED" },
      unit: { $literal: run },
      through: { $literal: through },
      dueAt: { $add: ["$$NOW", MOVE_MS] },
    };
    const { matchedCount } = await this.model.updateOne(
      { _id: id, change: { $exists: false }, ...IS_LIVE },
      [{ $set: { change } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async isMovedThrough(id: string, except: string): Promise<boolean> {
    const isOther = { _id: { $ne: except }, "change.dueAt": { $exists: true }, "change.through": id };
    return (await this.model.exists(isOther)) !== null;
  }

  async intend(id: string, run: string, { name, parentId }: FolderPlace): Promise<void> {
    const intended = { name, ...(parentId === undefined ? {} : { parentId }) };
    await this.model.updateOne({ _id: id, "change.unit": run }, { $set: { "change.intended": intended } });
  }

  async commit(
    id: string,
    run: string,
    { name, parentId }: FolderPlace,
  ): Promise<Folder | "TAKEN" | undefined> {
    const named = { ...folderNameFacts(name), slot: slotOf(parentId, name) };
    const place =
      parentId === undefined
        ? { $set: { ...named, path: [] }, $unset: { parentId: 1 } }
        : { $set: { ...named, path: await this.folders.pathOf(parentId), parentId } };
    return this.folders.change({ _id: id, "change.unit": run, ...IS_LIVE }, place);
  }

  /** Level by level and by parents, not by paths: whatever is below gets its path, also what was written with an old one. */
  async carryOut(id: string): Promise<void> {
    let level = [{ id, path: (await this.folders.pathOf(id)).slice(0, -1) }];
    while (level.length > 0) {
      const next: typeof level = [];
      for (const { id: folderId, path } of level) {
        const below = [...path, folderId];
        await this.model.updateOne({ _id: folderId }, { $set: { path } });
        await this.files.model.updateMany(allIn(folderId), { $set: { folderIds: below } });
        const inside = await this.model
          .find({ parentId: folderId })
          .select({ _id: 1 })
          .lean<FolderDocument[]>();
        next.push(...inside.map(({ _id }) => ({ id: _id, path: below })));
      }
      level = next;
    }
  }

  async end(id: string, run?: string): Promise<void> {
    const ofRun = run === undefined ? {} : { "change.unit": run };
    await this.model.updateOne({ _id: id, "change.to": "PLACED", ...ofRun }, { $unset: { change: 1 } });
  }

  async unfinishedMoves(limit: number): Promise<UnfinishedMove[]> {
    const found = await this.model
      .find({
        "change.dueAt": { $exists: true },
        "change.to": "PLACED",
        $expr: { $lte: ["$change.dueAt", "$$NOW"] },
      })
      .limit(limit)
      .select({ _id: 1, change: 1 })
      .lean<FolderDocument[]>();
    return found.map(({ _id, change }) => {
      const { name, parentId } = change?.intended ?? {};
      const intended = name === undefined ? undefined : { name, parentId };
      return { id: _id, run: change?.unit ?? "", intended };
    });
  }
}
