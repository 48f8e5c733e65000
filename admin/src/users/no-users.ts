import type { Role } from "../generated/graphql.js";

export interface UserFilters {
  search?: string;
  role?: Role;
  /** "true" for the archived ones. */
  archived?: string;
  /** Who archived them. */
  archivedById?: string;
}

const NOUNS: Record<Role, string> = {
  FREE: "free accounts",
  PREMIUM: "premium accounts",
  ADMIN: "administrators",
};

/** What an empty list of users says: each filter in words. */
export function noUsers({ search, role, archived, archivedById }: UserFilters): string {
  const kind = archived === "true" || archivedById ? "archived " : "";
  const noun = role === undefined ? "users" : NOUNS[role];
  const begins = search ? ` found by “${search}”` : "";
  const by = archivedById ? " that this account archived" : "";
  return `There are no ${kind}${noun}${begins}${by}.`;
}
