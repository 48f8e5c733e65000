import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { QUOTA_SETTINGS, anonymousQuotaOf, quotasOf } from "./config/quota-setting.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of the documented environment that nothing implements yet: setting one is refused, not ignored. */
const NOT_YET = ["ENCRYPTION_KEY"];

/** Names that may also come as `NAME_FILE`, the path of a file that holds the value. */
const SECRETS = [
  "MONGODB_URI",
  "ATLAS_PASSWORD",
  "REDIS_URL",
  "TELEGRAM_BOT_TOKEN",
  "GDRIVE_CLIENT_SECRET",
  "GDRIVE_REFRESH_TOKEN",
  "MAIL_USERNAME",
  "MAIL_PASSWORD",
  "ADMIN_PASSWORD",
  "JWT_SECRET_KEY",
  "FLASK_SECRET_KEY",
];

const MIB = 1024 * 1024;
const MAX_SAFE_FILE = 2 ** 53 - 1;

/** Every problem of a configuration at once, so that one start shows all there is to fix. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    const lines = problems.map((problem) => `  ${problem}`);
    super(`The configuration cannot be used:\n${lines.join("\n")}`);
  }
}

const flag = z
  .enum(["true", "false", "1", "0", "on", "off"])
  .transform((text) => ["true", "1", "on"].includes(text));
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must be between ${least} and ${most}`);
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);
const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const origin = httpUrl
  .refine((text) => !URL.canParse(text) || new URL(text).pathname === "/", "must be an origin without a path")
  .transform((text) => new URL(text).origin);

const schema = z.object({
  NODE_ENV: z.string().optional(),
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().default("127.0.0.1"),
  TRUST_PROXY: z.union([flag, z.string()]).default(false),
  DATA_DIR: z.string().default("./.data"),
  PUBLIC_URL: httpUrl.optional(),
  FRONTEND_URL: list.pipe(z.array(httpUrl)).default([]),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, "must begin with mongodb:// or mongodb+srv://")
    .optional(),
  MONGODB_DATABASE: z
    .string()
    .regex(/^[\w-]{1,38}$/, "must be 1 to 38 letters, digits, - or _")
    .default("telestash"),
  ATLAS_USER: z.string().optional(),
  ATLAS_PASSWORD: z.string().optional(),
  ATLAS_CLUSTER_HOST: z.string().optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must begin with redis:// or rediss://")
    .optional(),
  TELEGRAM_BOT_TOKEN: list
    .pipe(z.array(z.string().regex(/^\d+:[\w-]+$/, "is not of the form 123456:ABC…")))
    .optional(),
  TELEGRAM_CHAT_IDS: list
    .pipe(z.array(z.string().regex(/^(-?\d+|@\w+)$/, "must be chat ids such as -1001234567890")))
    .optional(),
  TELEGRAM_API_ROOT: origin.default("https://api.telegram.org"),
  TELEGRAM_API_LOCAL: flag.default(false),
  TELEGRAM_REPLICAS: z.union([z.literal("all"), wholeNumber(1, 20)]).optional(),
  TELEGRAM_LANE_PER_MINUTE: wholeNumber(1, 1_000_000).default(20),
  TELEGRAM_PART_BYTES: wholeNumber(MIB, 1900 * MIB).default(19 * MIB),
  TELEGRAM_READ_BACK: flag.default(true),
  GDRIVE_CLIENT_ID: z.string().optional(),
  GDRIVE_CLIENT_SECRET: z.string().optional(),
  GDRIVE_REFRESH_TOKEN: z.string().optional(),
  GDRIVE_TEMP_FOLDER_ID: z.string().optional(),
  GOOGLE_API_ROOT: origin.default("https://www.googleapis.com"),
  GOOGLE_TOKEN_URL: httpUrl.default("https://oauth2.googleapis.com/token"),
  MAIL_SERVER: z.string().optional(),
  MAIL_PORT: wholeNumber(1, 65_535).default(587),
  MAIL_USE_TLS: flag.default(true),
  MAIL_USE_SSL: flag.default(false),
  MAIL_USERNAME: z.string().optional(),
  MAIL_PASSWORD: z.string().optional(),
  MAIL_SENDER_NAME: z.string().default("Telestash"),
  MAIL_SENDER_EMAIL: z.email({ error: "must be an e-mail address" }).optional(),
  ADMIN_EMAIL: z.email({ error: "must be an e-mail address" }).optional(),
  ADMIN_PASSWORD: z.string().min(8, "must have at least 8 characters").optional(),
  JWT_SECRET_KEY: z
    .string()
    .min(32, "must have at least 32 characters; make one with: openssl rand -hex 32")
    .optional(),
  FLASK_SECRET_KEY: z.string().optional(),
  REGISTRATION: z.enum(["open", "invite", "closed"]).default("open"),
  /** Unless told: yes, but not in production. */
  ANONYMOUS_UPLOADS: flag.optional(),
  ANONYMOUS_LINK_EXPIRATION_DAYS: wholeNumber(1, 3_650).default(5),
  /** Multiplies the limits on attempts: for a proxy that hides its clients' addresses, and for load tests. */
  RATE_LIMIT_SCALE: wholeNumber(1, 1_000_000).default(1),
  PASSWORD_RESET_TOKEN_MAX_AGE: wholeNumber(60, 86_400).default(3600),
  ...QUOTA_SETTINGS,
  MAX_FILE_BYTES: wholeNumber(1, MAX_SAFE_FILE).default(MAX_SAFE_FILE),
  RETENTION_DAYS: wholeNumber(1, 36_500).optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

type Values = z.infer<typeof schema>;
export type Config = Readonly<ReturnType<typeof shape>>;

/** The process's environment over the `.env` file beside it, if there is one and it is wanted. */
export function readEnvironment(options: { envFile: boolean }): Environment {
  return { ...(options.envFile ? readEnvFile(".env") : {}), ...process.env };
}

function readEnvFile(file: string): Environment {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

/**
 * Turns an environment into the one typed, frozen configuration.
 * @throws ConfigError naming every bad, missing or not yet implemented variable at once
 */
export function loadConfig(environment: Environment): Config {
  const problems: string[] = [];
  const given = withFiles(withMailAliases(environment), problems);
  for (const name of NOT_YET) {
    if (given[name] !== undefined) problems.push(`${name} is set, but nothing implements it yet. Remove it.`);
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}.`));
    throw new ConfigError(unique(problems));
  }
  problems.push(...contradictions(parsed.data));
  if (problems.length > 0) throw new ConfigError(unique(problems));
  return Object.freeze(shape(parsed.data));
}

/** Empty values count as absent: that is what an unset line of a compose file produces. */
function withFiles(environment: Environment, problems: string[]): Record<string, string> {
  const given = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? "") !== ""),
  );
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set. Keep one.`);
    try {
      given[name] = readFileSync(file, "utf8").trim();
    } catch {
      problems.push(`${name}_FILE names a file that cannot be read.`);
    }
  }
  return given;
}

/** The system being replaced called its mail settings `MAIL_…_BREVO`. */
function withMailAliases(environment: Environment): Environment {
  const aliases = Object.entries(environment)
    .filter(([name]) => /^MAIL_.*_BREVO$/.test(name))
    .map(([name, value]) => [name.replace(/_BREVO$/, ""), value]);
  return { ...(Object.fromEntries(aliases) as Environment), ...environment };
}

function contradictions(values: Values): string[] {
  const problems: string[] = [];
  const needs = (present: boolean, name: string, what: string): void => {
    if (!present) problems.push(`${name} is missing: ${what}.`);
  };
  needs(mongoUri(values) !== undefined, "MONGODB_URI", "the database to use");
  needs((values.TELEGRAM_BOT_TOKEN ?? []).length > 0, "TELEGRAM_BOT_TOKEN", "the bot that posts files");
  needs((values.TELEGRAM_CHAT_IDS ?? []).length > 0, "TELEGRAM_CHAT_IDS", "the chats that keep files");
  needs(values.GDRIVE_CLIENT_ID !== undefined, "GDRIVE_CLIENT_ID", "the Google OAuth client");
  needs(
    values.GDRIVE_CLIENT_SECRET !== undefined,
    "GDRIVE_CLIENT_SECRET",
    "the Google OAuth client's secret",
  );
  needs(
    values.GDRIVE_REFRESH_TOKEN !== undefined,
    "GDRIVE_REFRESH_TOKEN",
    "the Google account's refresh token",
  );
  const { TELEGRAM_REPLICAS: replicas, TELEGRAM_CHAT_IDS: chats = [] } = values;
  if (typeof replicas === "number" && chats.length > 0 && replicas > chats.length) {
    problems.push(`TELEGRAM_REPLICAS is ${replicas}, but TELEGRAM_CHAT_IDS names ${chats.length} chat(s).`);
  }
  if (values.TELEGRAM_PART_BYTES % MIB !== 0)
    problems.push("TELEGRAM_PART_BYTES must be a multiple of 1048576.");
  if (values.TELEGRAM_PART_BYTES > 19 * MIB && !values.TELEGRAM_API_LOCAL) {
    problems.push(
      "TELEGRAM_PART_BYTES is over 19922944: the public Bot API would store such parts and never give them back. " +
        "Lower it, or set TELEGRAM_API_LOCAL=true for a local Bot API server.",
    );
  }
  if ((values.ADMIN_EMAIL === undefined) !== (values.ADMIN_PASSWORD === undefined)) {
    problems.push("ADMIN_EMAIL and ADMIN_PASSWORD belong together. Set both or neither.");
  }
  if (values.MAIL_SERVER !== undefined && values.MAIL_SENDER_EMAIL === undefined) {
    problems.push("MAIL_SENDER_EMAIL is missing: the address that mails come from.");
  }
  if (values.NODE_ENV === "production" && values.JWT_SECRET_KEY === undefined) {
    problems.push(
      "JWT_SECRET_KEY is missing: in production it is never generated. Make one with: openssl rand -hex 32.",
    );
  }
  return problems;
}

function shape(values: Values) {
  const chats = values.TELEGRAM_CHAT_IDS ?? [];
  const replicas = values.TELEGRAM_REPLICAS ?? Math.min(2, chats.length);
  return {
    production: values.NODE_ENV === "production",
    dataDir: values.DATA_DIR,
    logLevel: values.LOG_LEVEL,
    http: {
      host: values.HOST,
      port: values.PORT,
      trustProxy: values.TRUST_PROXY,
      publicUrl: values.PUBLIC_URL?.replace(/\/+$/, ""),
      frontends: values.FRONTEND_URL.map((url) => url.replace(/\/+$/, "")),
    },
    mongo: { uri: mongoUri(values) ?? "", database: values.MONGODB_DATABASE },
    redisUrl: values.REDIS_URL,
    telegram: {
      tokens: values.TELEGRAM_BOT_TOKEN ?? [],
      chats,
      apiRoot: values.TELEGRAM_API_ROOT,
      local: values.TELEGRAM_API_LOCAL,
      replicas: replicas === "all" ? chats.length : replicas,
      lanePerMinute: values.TELEGRAM_LANE_PER_MINUTE,
      partBytes: values.TELEGRAM_PART_BYTES,
      readBack: values.TELEGRAM_READ_BACK,
    },
    drive: {
      clientId: values.GDRIVE_CLIENT_ID ?? "",
      clientSecret: values.GDRIVE_CLIENT_SECRET ?? "",
      refreshToken: values.GDRIVE_REFRESH_TOKEN ?? "",
      folderId: values.GDRIVE_TEMP_FOLDER_ID,
      apiRoot: values.GOOGLE_API_ROOT,
      tokenUrl: values.GOOGLE_TOKEN_URL,
    },
    mail: mailOf(values),
    firstAdmin:
      values.ADMIN_EMAIL !== undefined && values.ADMIN_PASSWORD !== undefined
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : undefined,
    jwtSecret: values.JWT_SECRET_KEY ?? generatedSecret(values.DATA_DIR),
    registration: values.REGISTRATION,
    rateLimitScale: values.RATE_LIMIT_SCALE,
    passwordResetMaxAgeSeconds: values.PASSWORD_RESET_TOKEN_MAX_AGE,
    maxFileBytes: values.MAX_FILE_BYTES,
    retentionDays: values.RETENTION_DAYS,
    quotas: quotasOf(values),
    anonymous: {
      isAllowed: values.ANONYMOUS_UPLOADS ?? values.NODE_ENV !== "production",
      days: values.ANONYMOUS_LINK_EXPIRATION_DAYS,
      quota: anonymousQuotaOf(values),
    },
    notes:
      values.FLASK_SECRET_KEY === undefined
        ? []
        : ["FLASK_SECRET_KEY is accepted and not used: JWT_SECRET_KEY signs tokens."],
  };
}

function mailOf(values: Values) {
  if (values.MAIL_SERVER === undefined) return undefined;
  return {
    host: values.MAIL_SERVER,
    port: values.MAIL_PORT,
    useTls: values.MAIL_USE_TLS && !values.MAIL_USE_SSL,
    useSsl: values.MAIL_USE_SSL,
    username: values.MAIL_USERNAME,
    password: values.MAIL_PASSWORD,
    senderName: values.MAIL_SENDER_NAME,
    senderEmail: values.MAIL_SENDER_EMAIL ?? "",
  };
}

function mongoUri(values: Values): string | undefined {
  if (values.MONGODB_URI !== undefined) return values.MONGODB_URI;
  const { ATLAS_USER: user, ATLAS_PASSWORD: password, ATLAS_CLUSTER_HOST: host } = values;
  if (user === undefined || password === undefined || host === undefined) return undefined;
  return `mongodb+srv://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}/?retryWrites=true&w=majority`;
}

/** Outside production the signing secret is made once and kept, so that a restart signs nobody out. */
function generatedSecret(dataDir: string): string {
  const file = path.join(dataDir, "jwt-secret");
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(file, "utf8").trim();
}

function unique(texts: string[]): string[] {
  return [...new Set(texts)];
}
