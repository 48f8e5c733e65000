import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configurationOf } from "./compose/configuration.js";
import { ConfigError } from "./config.js";
import type { Environment } from "./config/environment.js";

let dataDir: string;
let complete: Environment;

beforeAll(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "telestash-config-"));
  complete = {
    DATA_DIR: dataDir,
    MONGODB_URI: "mongodb://127.0.0.1:27017",
    TELEGRAM_BOT_TOKEN: "123456:ABC-def",
    TELEGRAM_CHAT_IDS: "-1001, -1002,-1003",
    GDRIVE_CLIENT_ID: "client",
    GDRIVE_CLIENT_SECRET: "secret",
    GDRIVE_REFRESH_TOKEN: "refresh",
  };
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function problemsOf(environment: Environment): readonly string[] {
  try {
    configurationOf({ ...complete, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("the configuration", () => {
  it("has the documented defaults", () => {
    const config = configurationOf(complete);

    expect(config).toMatchObject({
      production: false,
      http: { host: "127.0.0.1", port: 4000 },
      mongo: { database: "telestash" },
      telegram: {
        chats: ["-1001", "-1002", "-1003"],
        replicas: 2,
        lanePerMinute: 20,
        partBytes: 19 * 1024 * 1024,
      },
      passwordResetMaxAgeSeconds: 3600,
    });
  });

  it("names every problem at once", () => {
    const problems = problemsOf({
      GOOGLE_API_ROOT: "nonsense",
      PORT: "99999",
      LOG_LEVEL: "loud",
      TELEGRAM_REPLICAS: "0",
      ADMIN_PASSWORD: "short",
      GDRIVE_CLIENT_ID: "",
    });

    expect(problems.map((problem) => problem.split(" ")[0])).toEqual(
      expect.arrayContaining([
        "GOOGLE_API_ROOT",
        "PORT",
        "LOG_LEVEL",
        "TELEGRAM_REPLICAS",
        "ADMIN_PASSWORD",
        "GDRIVE_CLIENT_ID",
      ]),
    );
  });

  it.each([
    ["PORT", "abc"],
    ["HOST", undefined, { GDRIVE_CLIENT_ID: "" }, "GDRIVE_CLIENT_ID"],
    ["GOOGLE_API_ROOT", "https://example.com/path"],
    ["GOOGLE_TOKEN_URL", "ftp://example.com"],
    ["TERMS_URL", "/terms"],
    ["PRIVACY_URL", "javascript:alert(1)"],
    ["FRONTEND_URL", "https://a.example, nonsense"],
    ["MONGODB_URI", "http://127.0.0.1"],
    ["TELEGRAM_BOT_TOKEN", "not a token"],
    ["TELEGRAM_REPLICAS", "4"],
    ["TELEGRAM_PART_BYTES", String(20 * 1024 * 1024)],
    ["TELEGRAM_PART_BYTES", "1048577"],
    ["ADMIN_EMAIL", "admin@example.com"],
    ["ADMIN_PASSWORD", "1234567", { ADMIN_EMAIL: "boss@example.com" }],
    ["MAIL_SERVER", "smtp.example.com", {}, "MAIL_SENDER_EMAIL"],
    ["JWT_SECRET_KEY", "short"],
    ["NODE_ENV", "production", {}, "JWT_SECRET_KEY"],
    ["ENCRYPTION_KEY", "x"],
    ["MAX_FILE_BYTES", "-1"],
    ["QUOTA_FREE", "1"],
    ["QUOTA_FREE", "10 GB,1,1,1"],
    ["QUOTA_PREMIUM", "1,1,1,0"],
    ["QUOTA_PREMIUM", "1,1,1,1,1"],
  ])("refuses %s=%s", (name, value, more: Environment = {}, named = name) => {
    const problems = problemsOf({ [name]: value, ...more });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(named);
  });

  it("reads a secret from a file, and refuses it given twice", () => {
    const file = path.join(dataDir, "token");
    writeFileSync(file, "777:from-file\n");

    const config = configurationOf({
      ...complete,
      TELEGRAM_BOT_TOKEN: undefined,
      TELEGRAM_BOT_TOKEN_FILE: file,
    });

    expect(config.telegram.tokens).toEqual(["777:from-file"]);
    expect(problemsOf({ TELEGRAM_BOT_TOKEN_FILE: file })).toEqual([
      "TELEGRAM_BOT_TOKEN and TELEGRAM_BOT_TOKEN_FILE are both set. Keep one.",
    ]);
  });

  it("reads quotas as sizes and numbers, and lets no file be larger than the service allows", () => {
    const { quotas } = configurationOf({
      ...complete,
      QUOTA_FREE: "1.5GiB, 20, 4096, 3",
      MAX_FILE_BYTES: String(1024 ** 3),
    });

    expect(quotas).toEqual({
      FREE: { bytes: 1.5 * 1024 ** 3, files: 20, fileBytes: 4096, transfers: 3 },
      PREMIUM: { bytes: 1024 ** 4, files: 1_000_000, fileBytes: 1024 ** 3, transfers: 4 },
      ADMIN: { bytes: Infinity, files: Infinity, fileBytes: 1024 ** 3, transfers: Infinity },
    });
  });

  it("keeps the signing secret it makes", () => {
    expect(configurationOf(complete).jwtSecret).toBe(configurationOf(complete).jwtSecret);
  });

  it("builds the Atlas address from its parts, escaped", () => {
    const { mongo } = configurationOf({
      ...complete,
      MONGODB_URI: undefined,
      ATLAS_USER: "us/er",
      ATLAS_PASSWORD: "p@ss",
      ATLAS_CLUSTER_HOST: "cluster.example.net",
    });

    expect(mongo.uri).toBe("mongodb+srv://us%2Fer:p%40ss@cluster.example.net/?retryWrites=true&w=majority");
  });
});
