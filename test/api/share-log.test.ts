import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const TOKEN = "Z".repeat(36);

describe("the log", () => {
  let t: HttpHarness;
  beforeAll(async () => {
    t = await startHttp({});
  });
  afterAll(() => t.close());

  it.each([`/s/${TOKEN}`, `/s/${TOKEN}/content`, `/%73/${TOKEN}/zip`, `/s%2F${TOKEN}`, `//s/${TOKEN}`])(
    "has no share link's token in it after a request for %s",
    async (path) => {
      await fetch(`${t.url}${path}?after=x`);

      await expect.poll(() => JSON.stringify(t.log.lines)).toContain("[redacted]");
      expect(JSON.stringify(t.log.lines)).not.toContain(TOKEN);
      t.log.lines.length = 0;
    },
  );
});
