import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp();
});
afterAll(() => t.close());

const NO_GET = "GET is not served: a link or an image on another site could send it";

/** What the specification leaves to the server (MAY) and we do not do, with the reason. Everything else passes. */
const NOT_DONE: Readonly<Record<string, string>> = { "5A70": NO_GET, D6D5: NO_GET, "6A70": NO_GET };

describe("GraphQL over HTTP", () => {
  const audits = serverAudits({ url: () => `${t.url}/graphql`, fetchFn: fetch });

  it.each(audits.map((audit) => ({ name: `${audit.id} ${audit.name}`, audit })))(
    "$name",
    async ({ audit }) => {
      const result = await audit.fn();

      const refused = NOT_DONE[audit.id];
      if (refused === undefined) expect(result).toMatchObject({ status: "ok" });
      else {
        expect(audit.name).toMatch(/^MAY /);
        expect(result.status, `${audit.id} passes now: remove it from the list`).not.toBe("ok");
      }
    },
  );
});
