import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyOperation, rootFields } from "../support/any-operation.js";
import { ask } from "../support/ask.js";
import type { Outcome } from "../support/ask.js";
import { printedSchema } from "../support/printed-schema.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { seeds } from "../support/transfers.js";
import { THINGS } from "./id-matrix.table.js";

const FIELDS = rootFields(printedSchema());
const RUNS = 6;
/** What a request may be told that makes no sense. */
const REFUSALS = [
  "BAD_USER_INPUT",
  "CONFLICT",
  "FORBIDDEN",
  "GONE",
  "GRAPHQL_VALIDATION_FAILED",
  "NOT_FOUND",
  "QUOTA_EXCEEDED",
  "UNAUTHENTICATED",
];

let t: TestServer;
let people: Record<"user" | "administrator", Person>;
/** One of everything, of each of them. */
let ids: string[];

beforeAll(async () => {
  t = await startServer({ role: "api" });
  people = { user: await t.user(), administrator: await t.administrator() };
  ids = await Promise.all(
    Object.values(people).flatMap((owner) => Object.values(THINGS).map(({ make }) => make(owner))),
  );
});
afterAll(() => t.close());

/** Some operations end the session, or the account. */
async function signedIn(who: keyof typeof people): Promise<Person> {
  try {
    await people[who].me();
  } catch {
    people[who] = await t[who]();
  }
  return people[who];
}

/** What an answer must not hold: the operator's secrets and, for a user, who else is there. */
function secretsFrom(who: keyof typeof people): string[] {
  const { ADMIN_EMAIL, ADMIN_PASSWORD, GDRIVE_CLIENT_SECRET, MONGODB_URI, TELEGRAM_BOT_TOKEN } =
    t.world.environment;
  const secrets = [ADMIN_PASSWORD, GDRIVE_CLIENT_SECRET, MONGODB_URI, ...TELEGRAM_BOT_TOKEN.split(",")];
  return who === "user" ? [...secrets, ADMIN_EMAIL] : secrets;
}

function isForeseen(outcome: Outcome): boolean {
  return "data" in outcome || REFUSALS.includes(String(outcome.code));
}

describe.each(FIELDS)("$name", (root) => {
  it.each(seeds)("answers or refuses whatever it is asked (SEED=%i)", async (seed) => {
    for (const who of ["user", "administrator"] as const) {
      const { accessToken } = await signedIn(who);
      await fc.assert(
        fc.asyncProperty(anyOperation(root, ids), async (operation) => {
          const outcome = await ask(t.url, accessToken, operation);

          expect(outcome, JSON.stringify(operation)).toSatisfy(isForeseen);
          for (const secret of secretsFrom(who)) expect(JSON.stringify(outcome)).not.toContain(secret);
        }),
        { seed, numRuns: root.field.args.length === 0 ? 1 : RUNS, endOnFailure: true },
      );
    }
    expect({}).not.toHaveProperty("naughty");
  });
});
