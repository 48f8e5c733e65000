import { MIB, mongoUri } from "./settings.js";
import type { Settings } from "./settings.js";

/** What is wrong with values that are all right each by itself. */
export function contradictions(values: Settings): string[] {
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
