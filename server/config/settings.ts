import { z } from "zod";
import { QUOTA_SETTINGS } from "./quota-setting.js";

export const MIB = 1024 * 1024;
const MAX_SAFE_FILE = 2 ** 53 - 1;

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

/** Every variable: what it may be, and what it is when it is not set. */
export const settings = z.object({
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
  ADMIN_PASSWORD: z.string().optional(),
  JWT_SECRET_KEY: z
    .string()
    .min(32, "must have at least 32 characters; make one with: openssl rand -hex 32")
    .optional(),
  FLASK_SECRET_KEY: z.string().optional(),
  REGISTRATION: z.enum(["open", "invite", "closed"]).default("open"),
  TERMS_URL: httpUrl.optional(),
  PRIVACY_URL: httpUrl.optional(),
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

export type Settings = z.infer<typeof settings>;
/** The whole address, or that of the cluster and user that Atlas names. */
export function mongoUri(values: Settings): string | undefined {
  if (values.MONGODB_URI !== undefined) return values.MONGODB_URI;
  const { ATLAS_USER: user, ATLAS_PASSWORD: password, ATLAS_CLUSTER_HOST: host } = values;
  if (user === undefined || password === undefined || host === undefined) return undefined;
  return `mongodb+srv://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}/?retryWrites=true&w=majority`;
}
