import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isProductVariable, withoutProductVariables } from "./settings.js";

const SCRIPTS_OWN = ["ALLOW_SANDBOX_DATABASE", "READY_FILE", "SANDBOX_LIMITS"];

function namesIn(file: string, pattern: RegExp): string[] {
  return [...readFileSync(file, "utf8").matchAll(pattern)].map((match) => match[1] ?? "").sort();
}

describe("settings", () => {
  const documented = namesIn(".env.example", /^#?([A-Z_]+)=/gm);

  it("are all in .env.example, and nothing else is", () => {
    const implemented = [
      ...namesIn("server/config/settings.ts", /^ {2}([A-Z][A-Z_]+): /gm),
      ...namesIn("server/config/quota-setting.ts", /^ {2}([A-Z][A-Z_]+): quotaSetting/gm),
    ];

    expect(documented).toEqual([...implemented, ...SCRIPTS_OWN].sort());
  });

  it("are kept from tests and the demo", () => {
    expect(documented.filter((name) => !isProductVariable(name))).toEqual([]);
  });

  it("are kept from them as file names and under their older names too", () => {
    const environment = {
      MAIL_SERVER_BREVO: "a",
      JWT_SECRET_KEY_FILE: "b",
      READY_FILE: "c",
      PATH: "d",
      HOME: "e",
    };

    expect(withoutProductVariables(environment)).toEqual({ PATH: "d", HOME: "e" });
  });
});
