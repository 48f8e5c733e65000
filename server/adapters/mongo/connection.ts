import mongoose from "mongoose";
import type { Connection } from "mongoose";

/** One connection for all models and for the job queue. Indexes are made by `syncIndexes`, not behind our back. */
export async function connectMongo(uri: string, database: string): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    autoIndex: false,
    autoCreate: false,
    serverSelectionTimeoutMS: 5_000,
  });
  return connection.asPromise();
}
