import { Double, Int32 } from "bson";
import type { Census } from "./census.js";
import { startCommandTime } from "./clock.js";
import { AGGREGATES } from "./commands/aggregate.js";
import { checkFields } from "./commands/command.js";
import type { Known, Reply, Request, Shared } from "./commands/command.js";
import { DEFINITIONS } from "./commands/definition.js";
import { EXPLAINS } from "./commands/explain.js";
import { READS } from "./commands/read.js";
import { SESSIONS } from "./commands/session.js";
import { WRITES } from "./commands/write.js";
import { MongoError } from "./errors.js";
import { field } from "./values.js";
import type { Doc } from "./values.js";
import { listening } from "./vocabulary.js";

const COMMANDS = [SESSIONS, READS, WRITES, AGGREGATES, DEFINITIONS, EXPLAINS];

/** What to send back, and whether it has to wait until everything written is safe. */
export interface Answer {
  readonly reply: Reply;
  readonly afterCommit: boolean;
}

/** The reply to a refused command. */
function refusal(error: unknown): Doc {
  const known = error instanceof MongoError ? error : new MongoError(1, String(error));
  const { message: errmsg, code, codeName, details } = known;
  return { ok: new Double(0), errmsg, code: new Int32(code), codeName, ...details };
}

function commandOf(name: string): Known | undefined {
  for (const commands of COMMANDS) {
    const command = commands.find(name);
    if (command) return command;
  }
  return undefined;
}

function run(name: string, command: Known | undefined, request: Omit<Request, "name" | "database">): Reply {
  const { body } = request;
  if (!command) throw new MongoError(59, `no such command: '${name}'`);
  const database = field(body, "$db");
  if (typeof database !== "string" || database === "")
    throw new MongoError(40414, "BSON field 'OpMsg.$db' is missing but a required field");
  if (/[/\\. "$\0]/.test(database) || database.length > 63)
    throw new MongoError(73, `Invalid database name: '${database}'`);
  // What MongoDB checks before it looks at the command proper, as a standalone server does.
  if ("txnNumber" in body || "startTransaction" in body)
    throw new MongoError(20, "Transaction numbers are only allowed on a replica set member or mongos");
  checkFields(name, body, command);
  return command.run({ ...request, name, database });
}

/** Runs one command, all at once: nothing else happens between its first step and its last. */
export function dispatch(body: Doc, connection: number, shared: Shared, census: Census): Answer {
  return listening(census.note, () => {
    const name = Object.keys(body)[0] ?? "";
    const command = commandOf(name);
    const afterCommit = command?.writes === true;
    startCommandTime();
    try {
      return { reply: run(name, command, { body, connection, shared }), afterCommit };
    } catch (error) {
      return { reply: refusal(error), afterCommit };
    }
  });
}
