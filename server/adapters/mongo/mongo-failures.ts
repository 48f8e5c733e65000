import mongoose from "mongoose";
import { unavailable } from "../../kernel/errors.js";

const DUPLICATE_KEY = 11_000;

/** The fields of the unique index that refused a write; undefined when something else went wrong. */
export function duplicateKeyOf(error: unknown): readonly string[] | undefined {
  if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== DUPLICATE_KEY) return undefined;
  const pattern: unknown = error["keyPattern"];
  return typeof pattern === "object" && pattern !== null ? Object.keys(pattern) : [];
}

/** Whether the database could not be reached, or not in time: something that may work later. */
function isOutage(error: unknown): boolean {
  if (error instanceof mongoose.Error.MongooseServerSelectionError) return true;
  if (!(error instanceof mongoose.mongo.MongoError)) return false;
  return (
    error instanceof mongoose.mongo.MongoNetworkError ||
    error instanceof mongoose.mongo.MongoServerSelectionError ||
    error instanceof mongoose.mongo.MongoNotConnectedError ||
    error instanceof mongoose.mongo.MongoTopologyClosedError ||
    error.hasErrorLabel("RetryableWriteError")
  );
}

/** Waits for a database operation; an outage becomes UNAVAILABLE, everything else stays what it is. */
export async function fromDatabase<T>(operation: PromiseLike<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    if (!isOutage(error)) throw error;
    throw unavailable("The database cannot be reached at this moment. Try again shortly.", error);
  }
}

/** The same store, with outages of the database as UNAVAILABLE in every method that answers with a promise. */
export function translated<T extends object>(store: T): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, args);
        return answer instanceof Promise ? fromDatabase(answer) : answer;
      };
    },
  });
}
