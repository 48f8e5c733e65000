import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { contradictions } from "./config/contradictions.js";
import { withFiles, withMailAliases } from "./config/environment.js";
import type { Environment } from "./config/environment.js";
import { anonymousQuotaOf, quotasOf } from "./config/quota-setting.js";
import { mongoUri, settings } from "./config/settings.js";
import type { Settings } from "./config/settings.js";

/** Names of the documented environment that nothing implements yet: setting one is refused, not ignored. */
const NOT_YET = ["ENCRYPTION_KEY"];

/** Every problem of a configuration at once, so that one start shows all there is to fix. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    const lines = problems.map((problem) => `  ${problem}`);
    super(`The configuration cannot be used:\n${lines.join("\n")}`);
  }
}

export type Config = Readonly<ReturnType<typeof shape>>;

/**
 * Turns an environment into the one typed, frozen configuration.
 * @param passwordFault what is wrong with a password, if anything is
 * @throws ConfigError naming every bad, missing or not yet implemented variable at once
 */
export function loadConfig(
  environment: Environment,
  passwordFault: (password: string) => string | undefined,
): Config {
  const problems: string[] = [];
  const given = withFiles(withMailAliases(environment), problems);
  for (const name of NOT_YET) {
    if (given[name] !== undefined) problems.push(`${name} is set, but nothing implements it yet. Remove it.`);
  }
  const { ADMIN_PASSWORD: password } = given;
  const fault = password && passwordFault(password);
  if (fault) problems.push(`ADMIN_PASSWORD cannot be used. ${fault}`);
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    const bad = parsed.error.issues.map((issue) => String(issue.path[0]));
    problems.push(...parsed.error.issues.map((issue, i) => `${bad[i]} ${issue.message}.`));
    throw new ConfigError(unique([...problems, ...contradictionsWithout(bad, given)]));
  }
  problems.push(...contradictions(parsed.data));
  if (problems.length > 0) throw new ConfigError(unique(problems));
  return Object.freeze(shape(parsed.data));
}

/** What is wrong beside variables that are bad by themselves: those are said already. */
function contradictionsWithout(bad: readonly string[], given: Environment): string[] {
  const rest = settings.safeParse(
    Object.fromEntries(Object.entries(given).filter(([name]) => !bad.includes(name))),
  );
  if (!rest.success) return [];
  return contradictions(rest.data).filter((problem) => !bad.some((name) => problem.includes(name)));
}

function shape(values: Settings) {
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
    termsUrl: values.TERMS_URL,
    privacyUrl: values.PRIVACY_URL,
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

function mailOf(values: Settings) {
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
