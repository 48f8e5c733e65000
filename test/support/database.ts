import { startMongo } from "../../sandbox/mongo/server.js";
import type { RunningMongo } from "../../sandbox/mongo/server.js";
import { CENSUS } from "./mongo-census.js";

/**
 * The database for tests of the product. What they send, the stand-in has to know; so they are counted, and the
 * stand-in's own tests, which start it themselves, are not.
 */
export const startDatabase = (): Promise<RunningMongo> => startMongo({ censusDir: process.env[CENSUS] });
