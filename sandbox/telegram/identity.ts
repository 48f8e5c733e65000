import { randomBytes, randomInt } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Identity {
  tokens: readonly string[];
  chats: readonly string[];
}

const TOKEN = /^[1-9]\d*:.+/;
const MAX_TOKEN_LENGTH = 80;

/** The bots and channels: those given, else those of the last time, else one new bot and two new channels. */
export function identityIn(dataDir: string, given: Partial<Identity>): Identity {
  const path = join(dataDir, "identity.json");
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Identity) : undefined;
  const identity = {
    tokens: given.tokens ?? kept?.tokens ?? [randomToken()],
    chats: given.chats ?? kept?.chats ?? [randomChat(), randomChat()],
  };
  const bad = identity.tokens.filter((token) => !isTokenLike(token)).length;
  if (bad > 0) throw new Error(`${bad} of the bot tokens given do not look like <number>:<secret>.`);
  writeFileSync(path, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

export function isTokenLike(token: string): boolean {
  return TOKEN.test(token) && token.length <= MAX_TOKEN_LENGTH;
}

export function botOf(token: string): string {
  return token.slice(0, token.indexOf(":"));
}

function randomToken(): string {
  return `${randomInt(1_000_000_000, 9_999_999_999)}:AA${randomBytes(25).toString("base64url").slice(0, 33)}`;
}

function randomChat(): string {
  return `-100${randomInt(1_000_000_000, 3_999_999_999)}`;
}
