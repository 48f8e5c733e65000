import mongoose from "mongoose";
import type { Connection } from "mongoose";

/**
 * One connection for all models and for the job queue. Indexes are made by `syncIndexes`, not behind our back.
 *
 * A database that stands still and keeps its connections is noticed by the driver's monitor within
 * `heartbeatFrequencyMS` + `connectTimeoutMS`; from then on requests are refused after `serverSelectionTimeoutMS`.
 */
export async function connectMongo(uri: string, database: string): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    autoIndex: false,
    autoCreate: false,
    connectTimeoutMS: 5_000,
    heartbeatFrequencyMS: 5_000,
    serverSelectionTimeoutMS: 3_000,
  });
  return connection.asPromise();
}
