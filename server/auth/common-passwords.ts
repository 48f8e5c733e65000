import { createRequire } from "node:module";
import type * as lists from "@zxcvbn-ts/language-common";

/** No listed password is longer, so those that are need no list. */
export const LONGEST_COMMON = 20;

let known: ReadonlySet<string> | undefined;

/** Whether a password is among the tens of thousands that people choose most, whatever its case. */
export function isCommonPassword(password: string): boolean {
  const typed = password.normalize("NFKC").toLowerCase();
  if (typed.length > LONGEST_COMMON) return false;
  known ??= new Set(commonPasswords());
  return known.has(typed);
}

/** Loaded when the first password is chosen: 25 ms and 17 MB that a process in which nobody does so never spends. */
export function commonPasswords(): readonly string[] {
  const require = createRequire(import.meta.url);
  const { dictionary } = require("@zxcvbn-ts/language-common") as typeof lists;
  return dictionary["passwords-common"];
}
