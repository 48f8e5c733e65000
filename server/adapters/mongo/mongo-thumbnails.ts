import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import { Binary } from "mongodb";
import type { Connection } from "mongoose";
import type { ThumbnailSize } from "../../files/preview.js";
import type { Thumbnail, ThumbnailStore } from "../../files/preview.ports.js";

const KEPT_SECONDS = 30 * 24 * 60 * 60;

@modelOptions({ schemaOptions: { collection: "thumbnails", versionKey: false } })
@index({ blobId: 1 })
@index({ madeAt: 1 }, { expireAfterSeconds: KEPT_SECONDS })
class ThumbnailDocument {
  /** Blob and size. */
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) blobId!: string;
  /** Absent when the image has none. */
  @prop({ type: () => Buffer }) webp?: Buffer | Binary;
  @prop({ type: () => Date }) madeAt!: Date;
}

/** Thumbnails are at most 256 KiB each, so a document holds one. */
export class MongoThumbnails implements ThumbnailStore {
  private readonly model: ReturnModelType<typeof ThumbnailDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(ThumbnailDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async find(blobId: string, size: ThumbnailSize): Promise<Thumbnail | undefined> {
    const document = await this.model.findById(keyOf(blobId, size)).lean<ThumbnailDocument>();
    if (document === null) return undefined;
    const { webp } = document;
    return { webp: webp instanceof Binary ? Buffer.from(webp.buffer) : webp };
  }

  async put(blobId: string, size: ThumbnailSize, { webp }: Thumbnail): Promise<void> {
    await this.model.updateOne(
      { _id: keyOf(blobId, size) },
      { $set: { blobId, madeAt: new Date(), ...(webp && { webp }) } },
      { upsert: true },
    );
    // Whoever removed the bytes meanwhile may have removed their thumbnails before this one was there.
    const isKept = { _id: blobId, condemnedAt: { $exists: false } };
    const blob = await this.model.db.collection<{ _id: string }>("blobs").findOne(isKept);
    if (blob === null) await this.removeAll(blobId);
  }

  async removeAll(blobId: string): Promise<void> {
    await this.model.deleteMany({ blobId });
  }
}

function keyOf(blobId: string, size: ThumbnailSize): string {
  return `${blobId}/${size}`;
}
