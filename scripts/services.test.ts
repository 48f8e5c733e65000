import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../server/config.js";
import { planStart } from "./services.js";

const TELEGRAM = { TELEGRAM_BOT_TOKEN: "1:a", TELEGRAM_CHAT_IDS: "-1" };
const DRIVE = { GDRIVE_CLIENT_ID: "a", GDRIVE_CLIENT_SECRET: "b", GDRIVE_REFRESH_TOKEN: "c" };
const MONGODB = { MONGODB_URI: "mongodb://127.0.0.1:27017" };

describe("what npm start starts", () => {
  let dataDir: string;
  beforeEach(() => void (dataDir = mkdtempSync(path.join(tmpdir(), "telestash-test-"))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const plan = (settings: Record<string, string>) => planStart({ DATA_DIR: dataDir, ...settings });
  const problemsOf = (settings: Record<string, string>): readonly string[] => {
    try {
      plan(settings);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };

  it("is a stand-in for every service when nothing is configured", () => {
    expect(plan({}).standIns).toEqual(["mongodb", "telegram", "drive", "mail"]);
  });

  it("is a stand-in for just the missing ones", () => {
    expect(plan({ ...MONGODB, ...DRIVE }).standIns).toEqual(["telegram", "mail"]);
  });

  it("takes empty values for absent ones", () => {
    expect(plan({ MONGODB_URI: "", MAIL_SERVER: "" }).standIns).toContain("mongodb");
  });

  it("is no stand-in for a half configured service: what is missing is named", () => {
    expect(problemsOf({ ...MONGODB, TELEGRAM_BOT_TOKEN: "1:a" }).join()).toContain(
      "TELEGRAM_CHAT_IDS is missing",
    );
    expect(problemsOf({ ATLAS_USER: "me" }).join()).toContain("MONGODB_URI is missing");
  });

  it("is no stand-in at all in production, where only mail may be absent", () => {
    const problems = problemsOf({ NODE_ENV: "production" }).join();

    expect(problems).toContain("MONGODB_URI is missing");
    expect(problems).toContain("TELEGRAM_BOT_TOKEN is missing");
    expect(problems).toContain("GDRIVE_CLIENT_ID is missing");
    const settings = { ...MONGODB, ...TELEGRAM, ...DRIVE, JWT_SECRET_KEY: "x".repeat(32) };
    expect(plan({ NODE_ENV: "production", ...settings }).standIns).toEqual([]);
  });

  it("needs a word to keep real files by the sandbox database", () => {
    expect(problemsOf({ ...TELEGRAM, ...DRIVE }).join()).toContain("in the real Telegram and Google Drive");
    expect(plan({ ...TELEGRAM, ALLOW_SANDBOX_DATABASE: "true" }).standIns).toEqual([
      "mongodb",
      "drive",
      "mail",
    ]);
  });

  it("names everything that is wrong at once", () => {
    const settings = { PORT: "abc", SANDBOX_LIMITS: "maybe", LOG_LEVEL: "loud", QUOTA_FREE: "1" };

    const problems = problemsOf(settings).join();

    for (const name of Object.keys(settings)) expect(problems).toContain(name);
  });
});
