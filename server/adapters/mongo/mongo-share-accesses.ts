import { createHash } from "node:crypto";
import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { Page, PageRequest } from "../../files/files.ports.js";
import type { ShareAccessStore } from "../../files/share.ports.js";
import type { ShareAccess, ShareAction } from "../../files/share.js";
import { findPage } from "./page.js";

const HOUR_MS = 60 * 60_000;
/** Addresses are personal: they are not kept for ever. */
const KEPT_MS = 90 * 24 * HOUR_MS;

@modelOptions({ schemaOptions: { collection: "shareaccesses", versionKey: false } })
@index({ linkId: 1, at: 1, _id: 1 })
@index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
class ShareAccessDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) linkId!: string;
  @prop({ type: () => String }) address!: string;
  @prop({ type: () => String }) action!: ShareAction;
  @prop({ type: () => String }) name?: string;
  @prop({ type: () => Date }) at!: Date;
  @prop({ type: () => Date }) lastAt!: Date;
  @prop({ type: () => Number }) times!: number;
  @prop({ type: () => Number }) bytes!: number;
  @prop({ type: () => Date }) expiresAt!: Date;
}

export class MongoShareAccesses implements ShareAccessStore {
  private readonly model: ReturnModelType<typeof ShareAccessDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(ShareAccessDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async record(access: Parameters<ShareAccessStore["record"]>[0]): Promise<void> {
    const { linkId, address, action, name, bytes } = access;
    const now = new Date();
    const hour = Math.floor(now.getTime() / HOUR_MS);
    const identity = JSON.stringify([linkId, address, action, name ?? "", hour]);
    const first = {
      ...{ linkId, address, action, at: now, expiresAt: new Date(now.getTime() + KEPT_MS) },
      ...(name === undefined ? {} : { name }),
    };
    await this.model.updateOne(
      { _id: createHash("sha256").update(identity).digest("base64url") },
      { $setOnInsert: first, $set: { lastAt: now }, $inc: { times: 1, bytes } },
      { upsert: true },
    );
  }

  list(linkId: string, page: PageRequest): Promise<Page<ShareAccess>> {
    const sort = { field: "at", descending: true };
    return findPage(this.model, { linkId }, sort, page, toShareAccess);
  }

  async count(linkId: string): Promise<number> {
    return this.model.countDocuments({ linkId });
  }

  async removeOf(linkIds: readonly string[]): Promise<void> {
    await this.model.deleteMany({ linkId: { $in: [...linkIds] } });
  }
}

function toShareAccess(document: ShareAccessDocument): ShareAccess {
  const { _id, linkId, address, action, name, at, lastAt, times, bytes } = document;
  return { id: _id, linkId, address, action, name, at, lastAt, times, bytes };
}
