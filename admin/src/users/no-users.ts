import type { Role } from "../generated/graphql.js";

export interface UserFilters {
  search?: string;
  role?: Role;
  /** "true" for the archived ones. */
  archived?: string;
}

const NOUNS: Record<Role, string> = {
  FREE: "free accounts",
  PREMIUM: "premium accounts",
  ADMIN: "administrators",
};

/** What an empty list of users says: each filter in words. */
export function noUsers({ search, role, archived }: UserFilters): string {
  const kind = archived === "true" ? "archived " : "";
  const noun = role === undefined ? "users" : NOUNS[role];
  const begins = search ? ` found by “${search}”` : "";
  return `There are no ${kind}${noun}${begins}.`;
}
