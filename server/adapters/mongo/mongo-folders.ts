import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, PipelineStage, UpdateQuery } from "mongoose";
import type {
  FolderFilter,
  FolderSearch,
  FolderStore,
  NewFolder,
  Page,
  PageRequest,
} from "../../files/files.ports.js";
import type { FailedUpload, Folder } from "../../files/folder.js";
import { nameKey } from "../../files/names.js";
import { wordsOf } from "../../files/words.js";
import { ArchivableDocument, toArchiveMark } from "./archivable-document.js";
import { IS_LIVE } from "./archive-updates.js";
import { beginning, namedLike } from "./beginning.js";
import { deriveMissing } from "./derive-missing.js";
import { slotOf, slotValue } from "./file-document.js";
import { literals } from "./literals.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import { findPage } from "./page.js";
import { placeOlderFolders } from "./older-folders.js";

class FailedUploadDocument {
  @prop({ type: () => String }) path!: string;
  @prop({ type: () => String }) code!: string;
  @prop({ type: () => String }) message!: string;
}

class FolderPlaceDocument {
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => String }) parentId?: string;
}

class FolderChangeDocument {
  /** PLACED: it is given another parent. */
  @prop({ type: () => String }) to!: "ARCHIVED" | "LIVE" | "PLACED";
  /** The folders above it; PLACED: before and after. */
  @prop({ type: () => [String], default: undefined }) through?: string[];
  /** PLACED: where it goes as soon as the folder that it replaces is archived. */
  @prop({ type: () => FolderPlaceDocument, _id: false }) intended?: FolderPlaceDocument;
  /** The archived folder that the things below are stamped with: itself, or one above it; PLACED: the move's run. */
  @prop({ type: () => String }) unit!: string;
  /** Of ARCHIVED and LIVE: names the change. */
  @prop({ type: () => String }) run?: string;
  /** When somebody else finishes it. */
  @prop({ type: () => Date }) dueAt!: Date;
}

@modelOptions({ schemaOptions: { collection: "folders", versionKey: false } })
@index({ ownerId: 1, parentId: 1, nameKey: 1, _id: 1 })
@index({ ownerId: 1, slot: 1 }, { unique: true, partialFilterExpression: { slot: { $exists: true } } })
@index({ path: 1 })
@index({ parentId: 1, _id: 1 }, { partialFilterExpression: { parentId: { $exists: true } } })
@index({ archivedAt: 1, _id: 1 }, { partialFilterExpression: { archivedAt: { $exists: true } } })
@index(
  { archivedById: 1, archivedAt: 1, _id: 1 },
  { partialFilterExpression: { archivedById: { $exists: true } } },
)
@index({ words: 1 })
@index({ ownerId: 1, words: 1 })
// Searches without a word, such as !!!, are for how a name begins.
@index({ nameKey: 1, _id: 1 })
@index({ "change.dueAt": 1 }, { partialFilterExpression: { "change.dueAt": { $exists: true } } })
@index({ expiresAt: 1 }, { partialFilterExpression: { expiresAt: { $exists: true } } })
@index({ openPurgeBy: 1 }, { partialFilterExpression: { openPurgeBy: { $exists: true } } })
export class FolderDocument extends ArchivableDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => String }) nameKey!: string;
  /** What it is searched by. */
  @prop({ type: () => [String] }) words!: string[];
  @prop({ type: () => String }) ownerId!: string;
  @prop({ type: () => Date }) expiresAt?: Date;
  @prop({ type: () => String }) parentId?: string;
  /** Parent and name key: two folders cannot have the same. Absent once it is archived by itself. */
  @prop({ type: () => String }) slot?: string;
  /** The folders above, from the top. */
  @prop({ type: () => [String] }) path!: string[];
  @prop({ type: () => Date }) createdAt!: Date;
  /** While it and what is in it are archived or restored: what is meant to become of them. */
  @prop({ type: () => FolderChangeDocument, _id: false }) change?: FolderChangeDocument;
  @prop({ type: () => [FailedUploadDocument], _id: false }) failedUploads!: FailedUpload[];
}

export class MongoFolders implements FolderStore {
  /** Also for what else works on these documents. */
  readonly model: ReturnModelType<typeof FolderDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(FolderDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
    await deriveMissing<FolderDocument>(this.model.collection, {
      missing: { words: null },
      from: ["name"],
      facts: ({ name }) => ({ words: wordsOf(name) }),
    });
    await placeOlderFolders({
      oldestFirst: (filter) => this.model.find(filter).sort({ _id: 1 }).lean<FolderDocument>().cursor(),
      isTaken: async ({ ownerId, parentId }, name) =>
        (await this.holderOf(ownerId, parentId, name)) !== undefined,
      place: (filter, name) => this.place(filter, name),
    });
  }

  async create(folder: NewFolder, holds: "PLACE" | "NO_PLACE"): Promise<Folder | "TAKEN"> {
    const { id, name, ownerId, parentId, expiresAt } = folder;
    const document: FolderDocument = {
      _id: id,
      ...folderNameFacts(name),
      ownerId,
      ...(parentId === undefined ? {} : { parentId }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(holds === "PLACE" ? { slot: slotOf(parentId, name) } : {}),
      path: parentId === undefined ? [] : await this.pathOf(parentId),
      createdAt: new Date(),
      failedUploads: [],
    };
    if ((await unlessTaken(this.model.create(document))) === "TAKEN") return "TAKEN";
    if (parentId !== undefined) await this.followParent(id, parentId, document.path);
    return toFolder(document);
  }

  /** Brings a folder's path to that of its parent, which may have been moved while the folder was written. */
  private async followParent(id: string, parentId: string, written: readonly string[]): Promise<void> {
    for (let known = written; ;) {
      const path = await this.pathOf(parentId);
      if (path.join() === known.join()) return;
      await this.model.updateOne({ _id: id, parentId }, { $set: { path } });
      known = path;
    }
  }

  /** The ids of a folder and of all folders above it, from the top. */
  async pathOf(id: string): Promise<string[]> {
    const document = await this.model.findById(id).select({ path: 1 }).lean<FolderDocument>();
    return [...(document?.path ?? []), id];
  }

  async find(id: string): Promise<Folder | undefined> {
    const document = await this.model.findById(id).lean<FolderDocument>();
    return document === null ? undefined : toFolder(document);
  }

  async findMany(ids: readonly string[]): Promise<Folder[]> {
    const found = await this.model.find({ _id: { $in: ids } }).lean<FolderDocument[]>();
    return found.map(toFolder);
  }

  list(where: FolderFilter, page: PageRequest): Promise<Page<Folder>> {
    const sort = { field: "nameKey", descending: false };
    return findPage(this.model, toQuery(where), sort, page, toFolder);
  }

  async count(where: FolderFilter): Promise<number> {
    return this.model.countDocuments(toQuery(where));
  }

  search(where: FolderSearch, page: PageRequest): Promise<Page<Folder>> {
    const sort = { field: "nameKey", descending: false };
    return findPage(this.model, toSearch(where), sort, page, toFolder);
  }

  async countFound(where: FolderSearch): Promise<number> {
    return this.model.countDocuments(toSearch(where));
  }

  async remove(id: string): Promise<void> {
    await this.model.deleteOne({ _id: id });
  }

  async below(folderId: string, limit: number): Promise<Folder[]> {
    const found = await this.model.find({ path: folderId }).limit(limit).lean<FolderDocument[]>();
    return found.map(toFolder);
  }

  async childAfter(parentId: string, after: string | undefined): Promise<Folder | undefined> {
    const document = await this.model
      .findOne({ parentId, ...IS_LIVE, ...(after === undefined ? {} : { _id: { $gt: after } }) })
      .sort({ _id: 1 })
      .lean<FolderDocument>();
    return document === null ? undefined : toFolder(document);
  }

  async namedIn(ownerId: string, parentId: string | undefined, key: string): Promise<string[]> {
    const found = await this.model
      .find({ ownerId, parentId: parentId ?? null, nameKey: key, ...IS_LIVE })
      .select({ _id: 1 })
      .lean<FolderDocument[]>();
    return found.map(({ _id }) => _id);
  }

  async holderOf(ownerId: string, parentId: string | undefined, name: string): Promise<string | undefined> {
    const found = await this.model.exists({ ownerId, slot: slotOf(parentId, name) });
    return found?._id;
  }

  settle(id: string, name: string): Promise<Folder | "TAKEN" | undefined> {
    return this.place({ _id: id, slot: { $exists: false }, ...IS_LIVE }, name);
  }

  /** Gives a folder a name, and its place, where it lies. */
  async place(filter: object, name: string): Promise<Folder | "TAKEN" | undefined> {
    const slot = slotValue("$parentId", name);
    return this.change(filter, [{ $set: { ...literals(folderNameFacts(name)), slot } }]);
  }

  /** Changes a folder's place. @returns TAKEN when another folder has it; undefined when none is as the filter says */
  async change(filter: object, update: UpdateQuery<FolderDocument> | PipelineStage.Set[]) {
    const options = { updatePipeline: true, returnDocument: "after" } as const;
    const document = await unlessTaken(
      this.model.findOneAndUpdate(filter, update, options).lean<FolderDocument>(),
    );
    if (document === "TAKEN") return document;
    return document === null ? undefined : toFolder(document);
  }

  async addFailures(id: string, failures: readonly FailedUpload[]): Promise<void> {
    await this.model.updateOne({ _id: id }, { $addToSet: { failedUploads: { $each: failures } } });
  }

  async dropFailures(id: string, paths: readonly string[]): Promise<void> {
    await this.model.updateOne({ _id: id }, { $pull: { failedUploads: { path: { $in: [...paths] } } } });
  }
}

function toQuery({ ownerId, parentId, archived }: FolderFilter) {
  return {
    ...{ ownerId, parentId: parentId ?? null },
    ...{ archivedAt: { $exists: archived }, purgingAt: { $exists: false } },
  };
}

function toSearch({ search, ownerId, below }: FolderSearch) {
  return {
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(below === undefined ? {} : { path: below }),
    ...IS_LIVE,
    ...namedLike(search.trim(), (term) => ({ words: beginning(term) })),
  };
}

/** What a write answers, unless another folder has the place that it gives. */
async function unlessTaken<T>(write: PromiseLike<T>): Promise<T | "TAKEN"> {
  try {
    return await write;
  } catch (error) {
    if (duplicateKeyOf(error)?.includes("slot")) return "TAKEN";
    throw error;
  }
}

/** What a folder's name is kept as. */
export function folderNameFacts(name: string) {
  return { name, nameKey: nameKey(name), words: wordsOf(name) };
}

export function toFolder(document: FolderDocument): Folder {
  return {
    id: document._id,
    name: document.name,
    ownerId: document.ownerId,
    expiresAt: document.expiresAt,
    parentId: document.parentId,
    path: document.path,
    createdAt: document.createdAt,
    ...toArchiveMark(document),
    failedUploads: document.failedUploads,
  };
}
