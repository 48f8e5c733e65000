import type { Role } from "../kernel/context.js";
import { badInput } from "../kernel/errors.js";
import type { OwnQuota, Usage } from "./quota.js";

/** An account, as its owner and administrators see it. */
export interface User extends Usage {
  id: string;
  username: string;
  email: string;
  role: Role;
  createdAt: Date;
  archivedAt: Date | undefined;
  /** Kept counts, changed by the upload and purge that change them; never scanned. */
  bytesUsed: number;
  fileCount: number;
  /** What uploads under way may still add to them. */
  bytesReserved: number;
  filesReserved: number;
  /** Instead of its role's numbers. */
  ownQuota: OwnQuota;
}

/** A user with what only signing in needs. */
export interface Account extends User {
  passwordHash: string;
  /** Grows with each change of the password: sessions opened under a smaller one are over. */
  credentialEpoch: number;
}

export interface NewAccount {
  id: string;
  username: string;
  email: string;
  role: Role;
  passwordHash: string;
  createdAt: Date;
  /** When the terms and the privacy notice were accepted; absent for an account made by the operator. */
  consentedAt: Date | undefined;
}

/** Names that would pass for the service itself, or for nobody. */
const RESERVED_USERNAMES: ReadonlySet<string> = new Set([
  "admin",
  "administrator",
  "anonymous",
  "anonymoususer",
  "guest",
  "me",
  "moderator",
  "nobody",
  "null",
  "owner",
  "public",
  "root",
  "security",
  "staff",
  "support",
  "sysadmin",
  "system",
  "telestash",
  "undefined",
  "unknown",
]);

const USERNAME = /^[A-Za-z0-9._-]{3,32}$/;
const EMAIL = /^[^\s@<>()[\],;:\\"\p{C}]{1,64}@(?=.{1,253}$)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;

/** Two names with one key are one name. */
export function usernameKey(username: string): string {
  return username.toLowerCase();
}

/** Two addresses with one key are one mailbox to us. */
export function emailKey(email: string): string {
  return email.trim().normalize("NFC").toLowerCase();
}

/** What was typed at sign-in, so that attempts on one name count together whatever their case. */
export function loginKey(login: string): string {
  return `nobody:${emailKey(login)}`;
}

export function checkUsername(username: string, ...field: string[]): string {
  if (!USERNAME.test(username)) {
    throw badInput("A user name has 3 to 32 letters, digits, dots, dashes or underscores.", ...field);
  }
  if (isReserved(username)) {
    throw badInput("This user name is reserved. Choose another one.", ...field);
  }
  return username;
}

const LOOKS_LIKE: Readonly<Record<string, string>> = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t" };

/** Also what only looks like a reserved name, such as `Anonym0us.`, and what is made of several, such as `system-admin`. */
function isReserved(username: string): boolean {
  const looks = usernameKey(username).replace(/[013457]/g, (digit) => LOOKS_LIKE[digit] ?? digit);
  const words = looks.split(/[._-]+/).filter((word) => word !== "");
  return RESERVED_USERNAMES.has(words.join("")) || words.every((word) => RESERVED_USERNAMES.has(word));
}

export function checkEmail(email: string, ...field: string[]): string {
  const trimmed = email.trim().normalize("NFC");
  if (!EMAIL.test(trimmed))
    throw badInput("This is not an e-mail address. Write it like name@example.com.", ...field);
  return trimmed;
}
