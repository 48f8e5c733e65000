import { createRequire } from "node:module";
import pino from "pino";
import type { DestinationStream } from "pino";
import type PinoPretty from "pino-pretty";
import type { Logger } from "../../kernel/log.js";

export interface LogOptions {
  level: string;
  production: boolean;
  /** Values that must never be seen: bot tokens, client secrets, keys, passwords. */
  secrets: readonly (string | undefined)[];
  /** Standard output when absent. */
  destination?: DestinationStream & { isTTY?: boolean };
}

const REDACTED = "[redacted]";
/** Shorter ones would turn ordinary words into holes. */
const SHORTEST_SECRET = 4;
const SECRET_FIELDS = [
  "authorization",
  "cookie",
  '["set-cookie"]',
  "password",
  "passwordHash",
  "token",
  "accessToken",
  "refreshToken",
  "secret",
];

/** One JSON line for each event; easier to read on a terminal. Secrets are cut out of the finished line. */
export function createLog(options: LogOptions): Logger {
  const destination = options.destination ?? process.stdout;
  const readable = !options.production && destination.isTTY === true ? prettyPrinter(destination) : undefined;
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap(atEachDepth), censor: REDACTED },
  };
  return pino(settings, withoutSecrets(readable ?? destination, options.secrets));
}

function atEachDepth(field: string): string[] {
  const nested = field.startsWith("[") ? field : `.${field}`;
  return [field, `*${nested}`, `*.*${nested}`];
}

/** The last thing that happens to a line, so a secret inside a vendor's message or a stack is found as well. */
function withoutSecrets(
  destination: DestinationStream,
  secrets: readonly (string | undefined)[],
): DestinationStream {
  const texts = secrets.filter((secret): secret is string => (secret?.length ?? 0) >= SHORTEST_SECRET);
  const spellings = new Set(
    texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]),
  );
  if (spellings.size === 0) return destination;
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(literally).join("|"), "g");
  return { write: (line) => destination.write(line.replace(pattern, REDACTED)) };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Installed for development only; without it the lines stay JSON. */
function prettyPrinter(destination: DestinationStream): DestinationStream | undefined {
  try {
    const { prettyFactory } = createRequire(import.meta.url)("pino-pretty") as typeof PinoPretty;
    const format = prettyFactory({ colorize: true, translateTime: "SYS:HH:MM:ss.l" });
    return { write: (line) => destination.write(format(line)) };
  } catch {
    return undefined;
  }
}
