import { createRequire } from "node:module";
import type * as lists from "@zxcvbn-ts/language-common";

const HOW_MANY = 3_000;

let known: ReadonlySet<string> | undefined;

/**
 * Whether a password, whatever its case, is among the 3,000 that people choose most of those that are long enough
 * (OWASP ASVS 5.0, 6.2.4).
 */
export function isCommonPassword(password: string, leastLength: number): boolean {
  known ??= new Set(commonPasswords(leastLength));
  return known.has(password.normalize("NFKC").toLowerCase());
}

/** The most common first. Loaded when the first password is chosen: many a process never needs its 17 MB. */
export function commonPasswords(leastLength: number): string[] {
  const require = createRequire(import.meta.url);
  const { dictionary } = require("@zxcvbn-ts/language-common") as typeof lists;
  return dictionary["passwords-common"].filter(({ length }) => length >= leastLength).slice(0, HOW_MANY);
}
