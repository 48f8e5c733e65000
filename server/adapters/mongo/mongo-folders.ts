import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { FolderStore, Page, PageRequest } from "../../files/files.ports.js";
import type { FailedUpload, Folder } from "../../files/folder.js";
import { findPage } from "./page.js";

class FailedUploadDocument {
  @prop({ type: () => String }) path!: string;
  @prop({ type: () => String }) code!: string;
  @prop({ type: () => String }) message!: string;
}

@modelOptions({ schemaOptions: { collection: "folders", versionKey: false } })
@index({ ownerId: 1, parentId: 1, nameKey: 1, _id: 1 })
@index({ path: 1 })
class FolderDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => String }) nameKey!: string;
  @prop({ type: () => String }) ownerId!: string;
  @prop({ type: () => String }) parentId?: string;
  /** The folders above, from the top. */
  @prop({ type: () => [String] }) path!: string[];
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => Date }) archivedAt?: Date;
  @prop({ type: () => [FailedUploadDocument], _id: false }) failedUploads!: FailedUpload[];
}

export class MongoFolders implements FolderStore {
  private readonly model: ReturnModelType<typeof FolderDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(FolderDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async create(folder: Parameters<FolderStore["create"]>[0]): Promise<Folder> {
    const { id, name, ownerId, parentId } = folder;
    const document: FolderDocument = {
      _id: id,
      name,
      nameKey: name.toLowerCase(),
      ownerId,
      ...(parentId === undefined ? {} : { parentId }),
      path: parentId === undefined ? [] : await this.pathOf(parentId),
      createdAt: new Date(),
      failedUploads: [],
    };
    await this.model.create(document);
    return toFolder(document);
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

  list(ownerId: string, parentId: string | undefined, page: PageRequest): Promise<Page<Folder>> {
    const sort = { field: "nameKey", descending: false };
    return findPage(this.model, { ownerId, parentId: parentId ?? null }, sort, page, toFolder);
  }

  async count(ownerId: string, parentId: string | undefined): Promise<number> {
    return this.model.countDocuments({ ownerId, parentId: parentId ?? null });
  }

  async below(folderId: string, limit: number): Promise<Folder[]> {
    const found = await this.model.find({ path: folderId }).limit(limit).lean<FolderDocument[]>();
    return found.map(toFolder);
  }

  async addFailures(id: string, failures: readonly FailedUpload[]): Promise<void> {
    await this.model.updateOne({ _id: id }, { $push: { failedUploads: { $each: failures } } });
  }
}

function toFolder(document: FolderDocument): Folder {
  return {
    id: document._id,
    name: document.name,
    ownerId: document.ownerId,
    parentId: document.parentId,
    createdAt: document.createdAt,
    archivedAt: document.archivedAt,
    failedUploads: document.failedUploads,
  };
}
