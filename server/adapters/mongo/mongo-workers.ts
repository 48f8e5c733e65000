import { getModelForClass, index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { WorkerRegister } from "../../admin/operations.ports.js";

const FORGOTTEN_AFTER_S = 86_400;

@modelOptions({ schemaOptions: { collection: "workers", versionKey: false } })
@index({ seenAt: 1 }, { expireAfterSeconds: FORGOTTEN_AFTER_S })
class WorkerDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => Date }) seenAt!: Date;
}

export class MongoWorkers implements WorkerRegister {
  private readonly model: ReturnModelType<typeof WorkerDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(WorkerDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async seen(name: string): Promise<void> {
    const options = { upsert: true, updatePipeline: true };
    await this.model.updateOne({ _id: name }, [{ $set: { seenAt: "$$NOW" } }], options);
  }

  async list(): Promise<{ name: string; secondsAgo: number }[]> {
    const found = await this.model.aggregate<{ _id: string; ms: number }>([
      { $sort: { seenAt: -1 } },
      { $limit: 100 },
      { $project: { ms: { $subtract: ["$$NOW", "$seenAt"] } } },
    ]);
    return found.map(({ _id, ms }) => ({ name: _id, secondsAgo: Math.max(0, Math.round(ms / 1000)) }));
  }
}
