import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, QueryFilter } from "mongoose";
import type { Page, PageRequest } from "../../files/files.ports.js";
import type { ShareLinkFilter, ShareLinkStore } from "../../files/share.ports.js";
import type { ShareLink, ShareTarget } from "../../files/share.js";
import type { MongoShareAccesses } from "./mongo-share-accesses.js";
import { findPage } from "./page.js";

const AT_ONCE = 500;

@modelOptions({ schemaOptions: { collection: "sharelinks", versionKey: false } })
@index({ key: 1 }, { unique: true })
@index({ ownerId: 1, createdAt: 1, _id: 1 })
@index({ targetId: 1, createdAt: 1, _id: 1 })
class ShareLinkDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) key!: string;
  @prop({ type: () => String }) ownerId!: string;
  @prop({ type: () => String }) targetKind!: ShareTarget["kind"];
  @prop({ type: () => String }) targetId!: string;
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => Date }) expiresAt?: Date;
  @prop({ type: () => String }) passwordHash?: string;
  @prop({ type: () => Number }) maxDownloads?: number;
  @prop({ type: () => Number }) downloads!: number;
  @prop({ type: () => Date }) revokedAt?: Date;
}

export class MongoShareLinks implements ShareLinkStore {
  private readonly model: ReturnModelType<typeof ShareLinkDocument>;

  constructor(
    connection: Connection,
    private readonly accesses: MongoShareAccesses,
  ) {
    this.model = getModelForClass(ShareLinkDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async insert({ id, target, ...facts }: ShareLink): Promise<void> {
    const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
    await this.model.create({ _id: id, targetKind: target.kind, targetId: target.id, ...known });
  }

  async find(id: string): Promise<ShareLink | undefined> {
    const document = await this.model.findById(id).lean<ShareLinkDocument>();
    return document === null ? undefined : toShareLink(document);
  }

  async findByKey(key: string): Promise<ShareLink | undefined> {
    const document = await this.model.findOne({ key }).lean<ShareLinkDocument>();
    return document === null ? undefined : toShareLink(document);
  }

  list(filter: ShareLinkFilter, page: PageRequest): Promise<Page<ShareLink>> {
    const sort = { field: "createdAt", descending: true };
    return findPage(this.model, toQuery(filter), sort, page, toShareLink);
  }

  async count(filter: ShareLinkFilter): Promise<number> {
    return this.model.countDocuments(toQuery(filter));
  }

  async workingTo(targetIds: readonly string[], now: Date): Promise<ShareLink[]> {
    const found = await this.model
      .find({
        targetId: { $in: targetIds },
        revokedAt: { $exists: false },
        $or: [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: now } }],
      })
      .sort({ createdAt: -1, _id: -1 })
      .lean<ShareLinkDocument[]>();
    return found.map(toShareLink);
  }

  async revoke(id: string, at: Date): Promise<ShareLink | undefined> {
    await this.model.updateOne({ _id: id, revokedAt: { $exists: false } }, { $set: { revokedAt: at } });
    return this.find(id);
  }

  async countDownload({ id, maxDownloads }: Pick<ShareLink, "id" | "maxDownloads">): Promise<boolean> {
    // The cap never changes, so the one that was read is the one that holds.
    const belowCap = maxDownloads === undefined ? {} : { downloads: { $lt: maxDownloads } };
    const { matchedCount } = await this.model.updateOne(
      { _id: id, revokedAt: { $exists: false }, ...belowCap },
      { $inc: { downloads: 1 } },
    );
    return matchedCount === 1;
  }

  async takeBackDownload(id: string): Promise<void> {
    await this.model.updateOne({ _id: id, downloads: { $gt: 0 } }, { $inc: { downloads: -1 } });
  }

  async removeTo(targetIds: readonly string[]): Promise<void> {
    for (let at = 0; at < targetIds.length; at += AT_ONCE) {
      await this.remove({ targetId: { $in: targetIds.slice(at, at + AT_ONCE) } });
    }
  }

  removeAllOf(ownerId: string): Promise<void> {
    return this.remove({ ownerId });
  }

  /** The accesses first: without its link nobody would find them again. */
  private async remove(which: QueryFilter<ShareLinkDocument>): Promise<void> {
    for (;;) {
      const found = await this.model
        .find(which)
        .limit(AT_ONCE)
        .select({ _id: 1 })
        .lean<ShareLinkDocument[]>();
      if (found.length === 0) return;
      const ids = found.map(({ _id }) => _id);
      await this.accesses.removeOf(ids);
      await this.model.deleteMany({ _id: { $in: ids } });
    }
  }
}

function toQuery({ ownerId, target }: ShareLinkFilter): object {
  return {
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(target === undefined ? {} : { targetId: target.id, targetKind: target.kind }),
  };
}

function toShareLink(document: ShareLinkDocument): ShareLink {
  const { _id, key, ownerId, targetKind, targetId, createdAt, downloads } = document;
  const { expiresAt, passwordHash, maxDownloads, revokedAt } = document;
  const target = { kind: targetKind, id: targetId };
  const limits = { expiresAt, passwordHash, maxDownloads, revokedAt };
  return { id: _id, key, ownerId, target, createdAt, downloads, ...limits };
}
