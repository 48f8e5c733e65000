import { Int32 } from "bson";
import type { Doc } from "../values.js";
import { commandTable } from "./command.js";
import type { Request } from "./command.js";

/** Of MongoDB 7.0, whose behaviour this server follows. */
const WIRE_VERSION = 21;

/** A standalone server: drivers then send no transactions, retryable writes or change streams. */
function hello(request: Request): Doc {
  return {
    helloOk: true,
    [request.name === "hello" ? "isWritablePrimary" : "ismaster"]: true,
    maxBsonObjectSize: new Int32(16 * 1024 * 1024),
    maxMessageSizeBytes: new Int32(48_000_000),
    maxWriteBatchSize: new Int32(100_000),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: new Int32(30),
    connectionId: new Int32(request.connection),
    minWireVersion: new Int32(0),
    maxWireVersion: new Int32(WIRE_VERSION),
    readOnly: false,
  };
}

export const SESSIONS = commandTable(import.meta.filename, {
  hello: { options: [], run: hello },
  // Drivers put what they are and what they can do into the first command; nothing of it changes an answer.
  ismaster: { options: ["helloOk", "client", "compression", "backpressure"], run: hello },
  ping: { options: [], run: () => ({}) },
  // Sessions hold nothing here: without transactions there is nothing to end.
  endSessions: { options: ["writeConcern"], run: () => ({}) },
});
