import { Int32 } from "bson";
import type { Doc } from "../values.js";
import { Names, Vocabulary } from "../vocabulary.js";
import type { Command, Request } from "./command.js";

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

const none = (command: string): Names => new Names(import.meta.filename, `option of ${command}`, []);

export const SESSIONS = new Vocabulary<Command>(import.meta.filename, "command", {
  hello: { options: none("hello"), run: hello },
  // Drivers put what they are and what they can do into the first command; nothing of it changes an answer.
  ismaster: {
    options: new Names(import.meta.filename, "option of ismaster", [
      "helloOk",
      "client",
      "compression",
      "backpressure",
    ]),
    run: hello,
  },
  ping: { options: none("ping"), run: () => ({}) },
  // Sessions hold nothing here: without transactions there is nothing to end.
  endSessions: {
    options: new Names(import.meta.filename, "option of endSessions", ["writeConcern"]),
    run: () => ({}),
  },
});
