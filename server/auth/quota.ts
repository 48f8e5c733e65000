import type { Role } from "../kernel/context.js";
import { sizeText } from "../kernel/size-text.js";

/** What an account may keep and do. `Infinity` is no limit. */
export interface Quota {
  /** All its files together. */
  bytes: number;
  files: number;
  /** The largest single file. */
  fileBytes: number;
  /** Transfers that run at once. */
  transfers: number;
}

export const QUOTA_NAMES = ["bytes", "files", "fileBytes", "transfers"] as const satisfies (keyof Quota)[];

/** By role, from the configuration. */
export type Quotas = Readonly<Record<Role, Readonly<Quota>>>;

/** The numbers that an administrator gave to one account; the others are its role's. */
export type OwnQuota = Partial<Quota>;

/** New numbers of one account: null means its role's, undefined as it was. */
export type QuotaChange = { readonly [N in keyof Quota]?: number | null | undefined };

/** An account's own numbers after a change of them. */
export function changedQuota(before: OwnQuota, change: QuotaChange): OwnQuota {
  const numbers = QUOTA_NAMES.map((name) => {
    const wanted = change[name];
    return [name, wanted === undefined ? before[name] : wanted] as const;
  });
  return Object.fromEntries(numbers.filter(([, number]) => number != null));
}

const CALLED = {
  bytes: "all files together",
  files: "how many files",
  fileBytes: "the largest file",
  transfers: "transfers at once",
} as const satisfies { [N in keyof Quota]: string };

/** Which of an account's own numbers are not as somebody saw them. @returns undefined when all are */
export function whatChanged(
  now: OwnQuota,
  seen: OwnQuota,
): { words: string; numbers: { field: string[]; now: number | null }[] } | undefined {
  const names = QUOTA_NAMES.filter((name) => now[name] !== seen[name]);
  if (names.length === 0) return undefined;
  const shown = (name: keyof Quota): string => {
    const number = now[name];
    if (number === undefined) return "its role's number";
    return name === "bytes" || name === "fileBytes" ? sizeText(number) : String(number);
  };
  return {
    words: names.map((name) => `${CALLED[name]} is ${shown(name)} now`).join(", and "),
    numbers: names.map((name) => ({ field: ["input", name], now: now[name] ?? null })),
  };
}

/** What counts against a quota: what is there, and what uploads under way have reserved. */
export interface Usage {
  bytesUsed: number;
  fileCount: number;
  bytesReserved: number;
  filesReserved: number;
}

/** The quota of an account: its role's, with the numbers of its own. No file is larger than the service allows. */
export function quotaOf(user: { role: Role; ownQuota?: OwnQuota | undefined }, quotas: Quotas): Quota {
  const quota = { ...quotas[user.role], ...user.ownQuota };
  return { ...quota, fileBytes: Math.min(quota.fileBytes, quotas.ADMIN.fileBytes) };
}

/**
 * Why a file, or so many, of at least `bytes` more do not fit.
 * @returns what is used, what is allowed and what to do; undefined when it fits
 */
export function whyFull(usage: Usage, quota: Quota, bytes: number, more = 1): string | undefined {
  const files = usage.fileCount + usage.filesReserved;
  if (files + more > quota.files) {
    return (
      `This account has ${files} of the ${quota.files} files it may have${arriving(usage.filesReserved)}. ` +
      `${more === 1 ? "" : `${more} more do not fit. `}Purge files, or ask an administrator for more.`
    );
  }
  const used = usage.bytesUsed + usage.bytesReserved;
  if (used + bytes <= quota.bytes) return undefined;
  return (
    `This account uses ${sizeText(used)} of its ${sizeText(quota.bytes)}` +
    `${usage.bytesReserved === 0 ? "" : `, ${sizeText(usage.bytesReserved)} of it for uploads under way`}. ` +
    `${more === 1 ? "This file does" : `These ${more} files do`} not fit: purge files, or ask an administrator for more room.`
  );
}

function arriving(files: number): string {
  return files === 0 ? "" : `, ${files} of them still being uploaded`;
}
