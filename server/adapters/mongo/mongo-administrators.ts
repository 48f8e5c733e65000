import { setTimeout as delay } from "node:timers/promises";
import { getModelForClass, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import type { AdministratorGuard, StandingFence } from "../../auth/auth.ports.js";
import { conflict, unavailable } from "../../kernel/errors.js";
import { newId } from "../../kernel/ids.js";
import type { MongoAccounts } from "./mongo-accounts.js";
import { duplicateKeyOf } from "./mongo-failures.js";

const GUARD = "administrators";
/** A change is one update; whoever takes longer is taken for dead. */
const LEASE_MS = 5_000;
const PATIENCE_MS = 8_000;
const ATTEMPTS = 5;

@modelOptions({ schemaOptions: { collection: "guards", versionKey: false } })
class GuardDocument {
  @prop({ type: () => String }) _id!: string;
  /** Absent while nobody holds it. */
  @prop({ type: () => String }) holder?: string;
  /** Whose standing the holder is about to change. */
  @prop({ type: () => String }) userId?: string;
  @prop({ type: () => Date }) until?: Date;
}

/**
 * One document that is held by one process at a time: between counting the other administrators and changing one of
 * them, nobody else can take one away. A holder that died or stands still is fenced off before its place is given on:
 * raising the standing epoch of its account makes the update it may still send match nothing.
 */
export class MongoAdministrators implements AdministratorGuard {
  private readonly model: ReturnModelType<typeof GuardDocument>;

  constructor(
    connection: Connection,
    private readonly accounts: MongoAccounts,
  ) {
    this.model = getModelForClass(GuardDocument, {
      existingConnection: connection,
      options: { disableCaching: true },
    });
  }

  async keepingOne<T>(
    userId: string,
    change: (fence: StandingFence) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      // Read before the guard is taken: whoever fences us off raises the epoch after that.
      const standing = await this.accounts.standingOf(userId);
      if (!standing) return undefined;
      const { isAdministrator, fence } = standing;
      const answer = isAdministrator ? await this.holding(userId, () => change(fence)) : await change(fence);
      if (answer !== undefined) return answer;
    }
    throw conflict("Somebody else is changing this account. Look at it again, then try again.");
  }

  private async holding<T>(userId: string, change: () => Promise<T>): Promise<T> {
    const holder = await this.take(userId);
    try {
      if (!(await this.accounts.hasAdministratorBeside(userId))) {
        throw conflict("This is the last administrator. Make somebody else an administrator first.");
      }
      return await change();
    } finally {
      // When this fails the lease runs out.
      await this.release(holder).catch(() => undefined);
    }
  }

  private async take(userId: string): Promise<string> {
    const holder = newId();
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await this.tryToTake(holder, userId))) {
      if (Date.now() > deadline) {
        throw unavailable("Other administrators are being changed at this moment. Try again shortly.");
      }
      await this.releaseExpired();
      await delay(10 + Math.random() * 40);
    }
    return holder;
  }

  private async tryToTake(holder: string, userId: string): Promise<boolean> {
    const lease = { holder, userId, until: { $add: ["$$NOW", LEASE_MS] } };
    const options = { upsert: true, updatePipeline: true };
    try {
      await this.model.updateOne({ _id: GUARD, holder: { $exists: false } }, [{ $set: lease }], options);
      return true;
    } catch (error) {
      // The document exists and does not match: it is held.
      if (duplicateKeyOf(error) === undefined) throw error;
      return false;
    }
  }

  private async releaseExpired(): Promise<void> {
    const late = { _id: GUARD, holder: { $exists: true }, $expr: { $lte: ["$until", "$$NOW"] } };
    const found = await this.model.findOne(late).lean<GuardDocument>();
    if (found?.holder === undefined || found.userId === undefined) return;
    await this.accounts.raiseStanding(found.userId);
    await this.release(found.holder);
  }

  private async release(holder: string): Promise<void> {
    await this.model.updateOne({ _id: GUARD, holder }, { $unset: { holder: 1, userId: 1, until: 1 } });
  }
}
