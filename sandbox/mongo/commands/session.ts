import { Double, Int32 } from "bson";
import type { Command, Commands, Request } from "./command.js";
import type { Doc } from "../values.js";

/** The MongoDB whose behaviour this server follows. */
const VERSION = "7.0.0";
const WIRE_VERSION = 21;

/** A standalone server: drivers then send no transactions, retryable writes or change streams. */
function hello(request: Request): Doc {
  const legacy = request.name !== "hello";
  return {
    helloOk: true,
    [legacy ? "ismaster" : "isWritablePrimary"]: true,
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

// Drivers put what they are and what they can do into the first command; nothing of it changes an answer.
const helloCommand: Command = {
  fields: [
    "helloOk",
    "client",
    "compression",
    "loadBalanced",
    "saslSupportedMechs",
    "topologyVersion",
    "maxAwaitTimeMS",
    "backpressure",
  ],
  run: hello,
};

const empty: Command = { fields: [], run: () => ({}) };

export const SESSIONS: Commands = {
  hello: helloCommand,
  isMaster: helloCommand,
  ismaster: helloCommand,
  ping: empty,
  // Sessions hold nothing here: without transactions there is nothing to end.
  endSessions: empty,
  buildInfo: {
    fields: [],
    run: () => ({
      version: VERSION,
      versionArray: VERSION.split(".")
        .map(Number)
        .concat(0)
        .map((part) => new Int32(part)),
      gitVersion: "sandbox",
      modules: [],
      bits: new Int32(64),
      debug: false,
      maxBsonObjectSize: new Int32(16 * 1024 * 1024),
      storageEngines: ["sandbox"],
    }),
  },
  connectionStatus: {
    fields: ["showPrivileges"],
    run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: new Double(1) }),
  },
};
