import { createHash } from "node:crypto";
import type { Connection } from "mongoose";
import { RateLimiterMongo } from "rate-limiter-flexible";
import type { RateLimiterRes } from "rate-limiter-flexible";
import type { AttemptCounter, AttemptCount } from "../../auth/attempts.js";

/** Counts attempts in windows that begin with the first one. Keys are hashed: people type passwords into the wrong box. */
export class MongoAttempts implements AttemptCounter {
  private readonly limiters = new Map<number, RateLimiterMongo>();

  constructor(private readonly connection: Connection) {}

  async syncIndexes(): Promise<void> {
    await this.limiter(1).createIndexes();
  }

  async add(key: string, windowSeconds: number, count = 1): Promise<AttemptCount> {
    return countOf(await this.limiter(windowSeconds).consume(hashed(key), count));
  }

  async takeBack(key: string, windowSeconds: number, count = 1): Promise<void> {
    await this.limiter(windowSeconds).reward(hashed(key), count);
  }

  async counted(key: string, windowSeconds: number): Promise<AttemptCount | undefined> {
    const counted = await this.limiter(windowSeconds).get(hashed(key));
    return counted === null ? undefined : countOf(counted);
  }

  async forget(key: string): Promise<void> {
    await this.limiter(1).delete(hashed(key));
  }

  /** All on one collection; one for each length of a window, of which there are few. */
  private limiter(duration: number): RateLimiterMongo {
    const known = this.limiters.get(duration);
    if (known) return known;
    const limiter = new RateLimiterMongo({
      storeClient: this.connection.getClient(),
      dbName: this.connection.name,
      tableName: "attempts",
      keyPrefix: "",
      // It only counts: what is too many depends on the kind of attempt.
      points: Number.MAX_SAFE_INTEGER,
      duration,
      disableIndexesCreation: true,
    });
    this.limiters.set(duration, limiter);
    return limiter;
  }
}

function countOf({ consumedPoints, msBeforeNext }: RateLimiterRes): AttemptCount {
  return { attempts: consumedPoints, endsInSeconds: Math.ceil(msBeforeNext / 1000) };
}

function hashed(key: string): string {
  return createHash("sha256").update(key).digest("base64url");
}
