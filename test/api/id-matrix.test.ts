import { getDirectiveValues } from "graphql";
import type { GraphQLDirective } from "graphql";
import type { Connection } from "mongoose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { ask } from "../support/ask.js";
import type { Outcome } from "../support/ask.js";
import { idArguments, operationWith } from "../support/id-arguments.js";
import type { IdArgument } from "../support/id-arguments.js";
import { printedSchema } from "../support/printed-schema.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { ID_MATRIX, THINGS } from "./id-matrix.table.js";
import type { IdRow, Refusal } from "./id-matrix.table.js";

const SCHEMA = printedSchema();
const AUTH = SCHEMA.getDirective("auth") as GraphQLDirective;
const PLACES = idArguments(SCHEMA).flatMap((place) => {
  const row = ID_MATRIX[place.coordinate];
  return row === undefined ? [] : [{ name: place.coordinate, place, row }];
});
const MISSING = "0123456789abcdef01234567";
const MALFORMED = [
  "",
  "null",
  "no id",
  "../../etc/passwd",
  '{"$ne":null}',
  MISSING.toUpperCase(),
  "f".repeat(3_000),
];

let t: TestServer;
let database: Connection;
let owner: Person;
let administrator: Person;
/** Those whom nothing belongs to that is tried here. */
let strangers: Record<"stranger" | "premium", Person>;
let archived: Person;
/** A thing of each type for those who ask. */
const decoys = new Map<Person, Record<string, string>>();

beforeAll(async () => {
  t = await startServer({ role: "api" });
  database = await connectMongo(t.world.mongo.uri, "telestash");
  owner = await t.user();
  administrator = await t.administrator();
  strangers = { stranger: await t.user(), premium: await t.user() };
  archived = await t.user();
  for (const asker of [administrator, ...Object.values(strangers)]) {
    const made = Object.entries(THINGS).map(async ([type, { make }]) => [type, await make(asker)] as const);
    decoys.set(asker, Object.fromEntries(await Promise.all(made)));
  }
  const users = database.collection<{ _id: string }>("users");
  await users.updateOne({ _id: strangers.premium.id }, { $set: { role: "PREMIUM" } });
  await users.updateOne({ _id: archived.id }, { $set: { archivedAt: new Date() } });
});
afterAll(async () => {
  await database.close();
  await t.close();
});

function run(place: IdArgument, row: IdRow, token: string | undefined, ...ids: string[]): Promise<Outcome> {
  return ask(t.url, token, operationWith(place, ids, row.with ?? {}));
}

/** What `@auth` asks for, on the field or on what it returns. */
function required({ field }: IdArgument): unknown {
  return field.astNode && getDirectiveValues(AUTH, field.astNode)?.["requires"];
}

function refusalFor(row: IdRow, who: "user" | "admin"): Refusal {
  return (typeof row.refusal === "object" ? row.refusal[who] : row.refusal) ?? "NOT_FOUND";
}

function snapshot(row: IdRow, id: string): Promise<unknown> {
  return database.collection<{ _id: string }>(THINGS[row.of].collection).findOne({ _id: id });
}

/** Ids that no thing of this type has: one of each other type, none at all, and what is no id. */
function unfit(row: IdRow, asker: Person): string[] {
  const others = row.fits ? [] : Object.entries(decoys.get(asker) ?? {}).filter(([type]) => type !== row.of);
  return [...others.map(([, id]) => id), MISSING, ...MALFORMED];
}

/** Whose thing is tried: somebody new where it is done to users, or the first test would end the others. */
function somebody(place: IdArgument): Promise<Person> {
  return required(place) === "ADMIN" ? t.user() : Promise.resolve(owner);
}

/** Who may do it to that thing. */
function rightful(place: IdArgument): Person {
  return required(place) === "ADMIN" ? administrator : owner;
}

/** Many ids, one outcome: it is checked, and the ids that came to another one are named. */
async function same(
  ids: readonly string[],
  outcome: (id: string) => Promise<Outcome>,
): Promise<Outcome | undefined> {
  const outcomes = await Promise.all(
    ids.map(async (id) => ({ id: id.slice(0, 30), outcome: await outcome(id) })),
  );
  const [first] = outcomes;
  for (const one of outcomes) expect(one).toEqual({ id: one.id, outcome: first?.outcome });
  return first?.outcome;
}

function expectRefused(outcome: Outcome | undefined, refusal: Refusal, { field }: IdArgument): void {
  if (refusal === "EMPTY") expect(outcome).toEqual({ data: { [field.name]: { nodes: [], totalCount: 0 } } });
  else expect(outcome).toMatchObject({ code: "NOT_FOUND" });
}

describe.each(PLACES)("an id at $name", ({ place, row }) => {
  it("is refused alike whether foreign, of another type, missing or malformed, and changes nothing", async () => {
    const foreign = await THINGS[row.of].make(await somebody(place));
    const before = await snapshot(row, foreign);

    for (const stranger of Object.values(strangers)) {
      const ids = [foreign, ...unfit(row, stranger)];
      const outcome = await same(ids, (id) => run(place, row, stranger.accessToken, id));

      if (required(place) === "ADMIN") expect(outcome).toMatchObject({ code: "FORBIDDEN" });
      else expectRefused(outcome, refusalFor(row, "user"), place);
    }
    expect(await snapshot(row, foreign)).toEqual(before);
  });

  it("is not looked at for an archived user or without sign-in", async () => {
    const foreign = await THINGS[row.of].make(await somebody(place));

    for (const token of [archived.accessToken, undefined]) {
      const outcome = await same([foreign, MISSING, ...MALFORMED], (id) => run(place, row, token, id));

      // Who sends a token means it: a bad one is refused also where none is needed.
      if (required(place) === undefined && token === undefined)
        expectRefused(outcome, refusalFor(row, "user"), place);
      else expect(outcome).toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });

  it("of another type, missing or malformed is refused to an administrator too", async () => {
    const ids = unfit(row, administrator);

    const outcome = await same(ids, (id) => run(place, row, administrator.accessToken, id));

    expectRefused(outcome, refusalFor(row, "admin"), place);
  });

  it.skipIf(!place.path.includes("[]"))("beside one's own in a list refuses them all", async () => {
    const own = await THINGS[row.of].make(await somebody(place));
    const before = await snapshot(row, own);
    const foreign = decoys.get(strangers.stranger)?.[row.of] ?? "";
    const others = required(place) === "ADMIN" ? [MISSING] : [MISSING, foreign];

    for (const other of others) {
      expectRefused(await run(place, row, rightful(place).accessToken, own, other), "NOT_FOUND", place);
    }
    expect(await snapshot(row, own)).toEqual(before);
  });

  it.skipIf(row.owner?.startsWith("skip: "))("of one's own is found", async () => {
    const own = await THINGS[row.of].make(await somebody(place));

    const outcome = await run(place, row, rightful(place).accessToken, own);

    if (row.owner === undefined) expect(outcome).toHaveProperty("data");
    else expect(outcome).toMatchObject({ code: row.owner });
  });
});
