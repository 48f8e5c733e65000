import { FILE_STATES } from "../display/tones.js";
import type { FileState, Role } from "../generated/graphql.js";

/** What the list filters by; days are such as "2026-11-22", both included. */
export interface FileFilters {
  search?: string;
  /** "all" for every file, wherever it lies; without it and any other filter: those at the top. */
  scope?: string;
  state?: FileState | FileState[];
  ownerId?: string;
  folderId?: string;
  /** "true" for the archived ones, "both" for those too. */
  archived?: string;
  /** Whose files, by the owner's role; with "ACCOUNT" those of all roles, with "NOBODY" what came without an account. */
  account?: Role | "ACCOUNT" | "NOBODY";
  from?: string;
  until?: string;
}

/** Whether files are looked for in all folders. What is filtered by nothing is a place: the top. */
export function isSearch(filter: FileFilters): boolean {
  return Object.values<unknown>({ ...filter }).some((value) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "",
  );
}

/** What folders are looked for by: a name, and nothing that only files have. */
export function folderSearch({ search = "", scope: _, ...ofFiles }: FileFilters): string | undefined {
  return search.trim() === "" || isSearch(ofFiles) ? undefined : search;
}

const OWNERS: Record<Role | "ACCOUNT", string> = {
  FREE: "of free accounts",
  PREMIUM: "of premium accounts",
  ADMIN: "of administrators",
  ACCOUNT: "that have an owner",
};

/** What an empty list of files says: each filter in words. */
export function noFiles({
  search,
  state = [],
  ownerId,
  archived,
  account,
  from,
  until,
}: FileFilters): string {
  const states = [state].flat().map((one) => FILE_STATES[one].label.toLowerCase());
  const words = [
    ...(archived === "true" ? ["archived"] : []),
    ...(account === "NOBODY" ? ["anonymous"] : []),
    ...(states.length > 0 ? [states.join(" or ")] : []),
    "files",
    ...(search ? [`found by “${search}”`] : []),
    ...(ownerId ? ["of this user"] : []),
    ...(account && account !== "NOBODY" ? [OWNERS[account]] : []),
    ...(from ? [`from ${from} on`] : []),
    ...(until ? [`until ${until}`] : []),
  ];
  return `There are no ${words.join(" ")}.`;
}
