import type { UserFilter } from "../../admin/users.ports.js";
import { tailTermsOf } from "../../files/words.js";
import { ROLES } from "../../kernel/context.js";
import type { Role } from "../../kernel/context.js";
import { beginning } from "./beginning.js";

/** What accounts are found by, derived from what they are, in the same update: whether they are archived, and the terms of a search. */
export type Shown = "LIVE" | "ARCHIVED";

interface UserQuery {
  role: { $in: Role[] };
  shown: Shown;
  archivedById?: string;
  $and?: object[];
}

const SHOWN = { $cond: [{ $gt: ["$archivedAt", null] }, "ARCHIVED", "LIVE"] };
const TAILS = { $concatArrays: [{ $ifNull: ["$usernameTails", []] }, { $ifNull: ["$emailTails", []] }] };
const TERMS = {
  $let: {
    vars: { shown: SHOWN },
    in: { $map: { input: TAILS, in: { $concat: ["$$shown", " ", "$$this"] } } },
  },
};

/** The last stage of every update that changes a name, an address, or whether the account is archived. */
export const DERIVED = { $set: { shown: SHOWN, terms: TERMS } };

/** The accounts of a filter, to count them: what a search's terms say already is left out, so an index can do it alone. */
export function usersToCount(filter: UserFilter): object {
  const { role, shown, ...rest } = usersOf(filter);
  if (rest.$and === undefined) return { role, shown, ...rest };
  return filter.role === undefined ? rest : { role, ...rest };
}

/** The accounts of a filter: with every role told apart, since the indexes have the role before what they sort by. */
export function usersOf({ search, role, archived, archivedById }: UserFilter): UserQuery {
  const shown: Shown = archived ? "ARCHIVED" : "LIVE";
  const terms = search === undefined ? [] : tailTermsOf(search);
  return {
    role: { $in: role === undefined ? [...ROLES] : [role] },
    shown,
    ...(archivedById === undefined ? {} : { archivedById }),
    ...(terms.length === 0 ? {} : { $and: terms.map((term) => ({ terms: beginning(`${shown} ${term}`) })) }),
  };
}
