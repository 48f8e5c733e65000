import { Double, Int32 } from "bson";
import { counting, seen } from "./census.js";
import { startCommandTime } from "./clock.js";
import { AGGREGATES } from "./commands/aggregate.js";
import type { Command, Commands, Reply, Shared } from "./commands/command.js";
import { DEFINITIONS } from "./commands/definition.js";
import { EXPLAINS } from "./commands/explain.js";
import { READS } from "./commands/read.js";
import { SESSIONS } from "./commands/session.js";
import { WRITES } from "./commands/write.js";
import { badValue, MongoError } from "./errors.js";
import { toNumber } from "./numbers.js";
import { field, isDoc, isNumber, show } from "./values.js";
import type { Doc } from "./values.js";

const COMMANDS: Commands = { ...SESSIONS, ...READS, ...WRITES, ...AGGREGATES, ...DEFINITIONS, ...EXPLAINS };

/** Fields that every command may have. */
const GENERIC = [
  "$db",
  "lsid",
  "$clusterTime",
  "$readPreference",
  "readConcern",
  "writeConcern",
  "maxTimeMS",
  "comment",
  "apiVersion",
  "apiStrict",
  "apiDeprecationErrors",
];
const TRANSACTION = ["txnNumber", "autocommit", "startTransaction"];

function checkWriteConcern(value: unknown): void {
  if (value === undefined) return;
  if (!isDoc(value))
    throw new MongoError(14, "BSON field 'writeConcern' is the wrong type, expected type 'object'");
  const strange = Object.keys(value).find(
    (name) => !["w", "j", "wtimeout", "fsync", "provenance"].includes(name),
  );
  if (strange !== undefined)
    throw new MongoError(40415, `BSON field 'writeConcern.${strange}' is an unknown field.`);
  const w = field(value, "w");
  if (isNumber(w) && toNumber(w) > 1) throw badValue("cannot use 'w' > 1 when a host is not replicated");
  if (typeof w === "string" && w !== "majority")
    throw badValue("cannot use non-majority 'w' mode when a host is not a member of a replica set");
}

function checkReadConcern(value: unknown): void {
  if (value === undefined) return;
  const level = isDoc(value) ? field(value, "level") : null;
  if (!isDoc(value) || Object.keys(value).some((name) => name !== "level"))
    throw new MongoError(123, "node needs to be a replica set member to use read concern");
  if (level === undefined || level === "local" || level === "available" || level === "majority") return;
  throw new MongoError(123, "node needs to be a replica set member to use read concern");
}

/** What MongoDB checks before it looks at the command proper, as a standalone server does. */
function checkGeneric(name: string, command: Command, body: Doc): void {
  if (TRANSACTION.some((one) => one in body)) {
    throw new MongoError(20, "Transaction numbers are only allowed on a replica set member or mongos");
  }
  if (body.apiVersion !== undefined && body.apiVersion !== "1")
    throw new MongoError(322, `Provided apiVersion:${show(body.apiVersion)} is not in API Version 1`);
  if (body.apiStrict === true)
    throw new MongoError(
      323,
      `Provided apiStrict:true, but the sandbox database does not know which commands are in API Version 1`,
    );
  const known = [name, ...command.fields, ...GENERIC];
  const stranger = Object.keys(body).find((one) => !known.includes(one));
  if (stranger !== undefined)
    throw new MongoError(40415, `BSON field '${name}.${stranger}' is an unknown field.`);
  checkWriteConcern(field(body, "writeConcern"));
  checkReadConcern(field(body, "readConcern"));
}

/** What to send back, and whether it has to wait until everything written is safe. */
export interface Answer {
  readonly reply: Reply;
  readonly afterCommit: boolean;
}

/** The reply to a refused command. */
export function refusal(error: unknown): Doc {
  const known =
    error instanceof MongoError
      ? error
      : new MongoError(1, error instanceof Error ? error.message : "unknown");
  return {
    ok: new Double(0),
    errmsg: known.message,
    code: new Int32(known.code),
    codeName: known.codeName,
    ...known.details,
  };
}

/** Runs one command, all at once: nothing else happens between its first step and its last. */
export function dispatch(body: Doc, connection: number, shared: Shared, census: Map<string, number>): Answer {
  const name = Object.keys(body)[0] ?? "";
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  startCommandTime();
  return counting(census, () => {
    try {
      if (!command) throw new MongoError(59, `no such command: '${name}'`);
      seen(`cmd:${name}`);
      const database = field(body, "$db");
      if (typeof database !== "string" || database === "")
        throw new MongoError(40414, `BSON field 'OpMsg.$db' is missing but a required field`);
      checkGeneric(name, command, body);
      const reply = command.run({ name, body, database, connection, shared });
      return { reply, afterCommit: command.writes === true };
    } catch (error) {
      return { reply: refusal(error), afterCommit: command?.writes === true };
    }
  });
}
