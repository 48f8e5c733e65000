import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { ZipSelectionStore } from "../../files/files.ports.js";

@modelOptions({ schemaOptions: { collection: "zipselections", versionKey: false } })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class ZipSelectionDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => [String] }) fileIds!: string[];
  @prop({ type: () => Date }) expiresAt!: Date;
}

export class MongoZipSelections implements ZipSelectionStore {
  private readonly model: ReturnModelType<typeof ZipSelectionDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(ZipSelectionDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async put(id: string, fileIds: readonly string[], expiresAt: Date): Promise<void> {
    await this.model.create({ _id: id, fileIds: [...fileIds], expiresAt });
  }

  async find(id: string): Promise<readonly string[] | undefined> {
    const document = await this.model.findById(id).lean<ZipSelectionDocument>();
    return document === null || document.expiresAt <= new Date() ? undefined : document.fileIds;
  }
}
