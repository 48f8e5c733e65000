import { FILE_STATES } from "../../files/file.js";
import type { FileFilter, SearchedBeside } from "../../files/files.ports.js";
import { isAnonymous } from "../../kernel/anonymous.js";
import { ROLES } from "../../kernel/context.js";
import type { Role } from "../../kernel/context.js";
import { beginning, namedLike } from "./beginning.js";

/**
 * What files are found by, derived from what they are, in the same update: which lists they are in (`lists`), what they
 * are searched by (`terms`), and what waits to be done with them and when (`due`). One index then serves a list whether it
 * is a folder's, a user's or everybody's, and one serves all sweeps.
 */
type Shown = "LIVE" | "ARCHIVED" | "HIDDEN";

/** Files that came without an account; all others are in the list of their owner's role. */
const NOBODY = "nobody";
const EVERYBODY = "everybody";
/** What a file is in before its owner's role is known: `followRoles` puts that right. */
export const ROLE_UNLESS_KNOWN: Role = "FREE";
/** Of a version that had one list for files of all roles. */
export const OF_OLDER_VERSIONS = {
  lists: { $in: ["LIVE somebody", "ARCHIVED somebody", "HIDDEN somebody"] },
};

/** More than whoever marks a file asks for before a sweep takes over. */
const LONGEST_PATIENCE_MS = 3_600_000;

const isThere = (field: string) => ({ $ne: [{ $type: field }, "missing"] });
const isHidden = { $or: [isThere("$givenUp"), isThere("$purgingAt")] };
/** Whoever comes without an account has an id too, by which he is never asked for. */
const WHOSE = { $cond: [isThere("$anonymous"), NOBODY, { $ifNull: ["$ownerRole", ROLE_UNLESS_KNOWN] }] };

const SHOWN = { $cond: [isHidden, "HIDDEN", { $cond: [isThere("$archivedAt"), "ARCHIVED", "LIVE"] }] };
/**
 * A user's files, those of his that lie in no folder, a folder's, and what somebody archived: the sign keeps one's id from
 * being read as another's.
 */
const OF = "@";
const TOP_OF = "^";
const IN = "/";
const BY = "!";
const named = (...whose: unknown[]) => ({ $concat: ["$$shown", " ", ...whose] });
const LISTS = {
  $let: {
    vars: { shown: SHOWN },
    in: {
      $concatArrays: [
        [named(WHOSE), named(OF, "$ownerId")],
        [{ $cond: [{ $gt: ["$folderId", null] }, named(IN, "$folderId"), named(TOP_OF, "$ownerId")] }],
        {
          $cond: [
            { $and: [isThere("$archivedAt"), isThere("$archivedById")] },
            [named(BY, "$archivedById")],
            [],
          ],
        },
      ],
    },
  },
};

const WORDS = { $ifNull: ["$words", []] };
const scoped = (scope: unknown) => ({ $map: { input: WORDS, in: { $concat: [scope, " ", "$$this"] } } });
const TERMS = {
  $cond: [isHidden, [], { $concatArrays: [scoped(EVERYBODY), scoped({ $concat: [OF, "$ownerId"] })] }],
};

/** What is in a folder lasts as long as that. */
const ownEnd = { $cond: [{ $or: [isHidden, isThere("$folderId")] }, null, "$expiresAt"] };
const MARKS = [ownEnd, "$claim.dueAt", "$receivingUntil", "$countedBy", "$openPurgeBy", "$unrecordedUpload"];
const isArchivedAlone = {
  $and: [isThere("$archivedAt"), { $not: [isThere("$archivedWith")] }, { $not: [isHidden] }],
};
const DUE = {
  $let: {
    vars: { at: { $min: MARKS } },
    in: {
      $cond: [
        { $gt: ["$$at", null] },
        { for: "SWEEP", at: "$$at" },
        { $cond: [isArchivedAlone, { for: "RETENTION", at: "$archivedAt" }, "$$REMOVE"] },
      ],
    },
  },
};

/** The last stage of every update that changes what these are derived from. */
export const DERIVED = { $set: { lists: LISTS, terms: TERMS, due: DUE } };

/** Files with this mark, once it is due by the database's clock. */
export function isDue(mark: string) {
  const isOver = (at: string) => ({ $expr: { $lte: [`$${at}`, "$$NOW"] } });
  return { "due.for": "SWEEP" as const, [mark]: { $exists: true }, $and: [isOver("due.at"), isOver(mark)] };
}

/** Files with this mark, due or soon; no mark is for later than that, but the end of what came without an account. */
export function isMarked(mark: string) {
  const isSoon = { $lte: ["$due.at", { $add: ["$$NOW", LONGEST_PATIENCE_MS] }] };
  return { "due.for": "SWEEP" as const, [mark]: { $exists: true }, $expr: isSoon };
}

const EACH: readonly Shown[] = ["LIVE", "ARCHIVED", "HIDDEN"];

/** Every file of these users: also those that no list shows. */
export function allOf(...ownerIds: readonly string[]) {
  return { lists: { $in: ownerIds.flatMap((id) => EACH.map((shown) => `${shown} ${OF}${id}`)) } };
}

/** Every file directly in a folder: also those that no list shows. */
export function allIn(folderId: string) {
  return { lists: { $in: EACH.map((shown) => `${shown} ${IN}${folderId}`) } };
}

/** What a filter asks for, and what of it the names of the lists say already. */
interface Whose {
  names: string[];
  says: readonly (keyof FileFilter)[];
}

/** The narrowest lists that have all that is asked for. Nothing lies both in a folder and at the top. */
function whoseOf({ ownerId, folderId, atTop, archivedById, ownerRole, anonymous }: FileFilter): Whose {
  if (folderId !== undefined) return { names: [IN + folderId], says: ["folderId", "atTop"] };
  if (ownerId !== undefined) {
    return { names: [(atTop === true ? TOP_OF : OF) + ownerId], says: ["ownerId", "atTop", "anonymous"] };
  }
  if (archivedById !== undefined) return { names: [BY + archivedById], says: ["archivedById"] };
  const roles = ownerRole === undefined ? ROLES : [ownerRole];
  const names = [...(anonymous === true ? [] : roles), ...(anonymous === false || ownerRole ? [] : [NOBODY])];
  return { names, says: ["anonymous", "ownerRole"] };
}

function shownBy({ archived, archivedById }: FileFilter): Shown[] {
  if (archived !== undefined) return [archived ? "ARCHIVED" : "LIVE"];
  return archivedById === undefined ? ["LIVE", "ARCHIVED"] : ["ARCHIVED"];
}

/** The lists that a filter is about; none of them has a file of another. */
export function listsOf(filter: FileFilter): string[] {
  const { ownerId, anonymous } = filter;
  if (ownerId !== undefined && anonymous !== undefined && anonymous !== isAnonymous(ownerId)) return [];
  return listsNamed(filter, whoseOf(filter).names);
}

function listsNamed(filter: FileFilter, names: readonly string[]): string[] {
  return shownBy(filter).flatMap((shown) => names.map((name) => `${shown} ${name}`));
}

/** What a file of one of the lists has to satisfy besides. */
export function conditionsOf(filter: FileFilter): Record<string, unknown> {
  return { ...remaining(filter, whoseOf(filter).says), ...searchOf(filter) };
}

/** The conditions of a filter but for its search, and for what is said already. */
function remaining(filter: FileFilter, says: Whose["says"]): Record<string, unknown> {
  const { states, createdAfter, createdBefore } = filter;
  const unsaid: FileFilter = { ...filter };
  for (const name of says) delete unsaid[name];
  const { ownerId, folderId, atTop, anonymous, ownerRole, archivedById } = unsaid;
  const created = {
    ...(createdAfter === undefined ? {} : { $gte: createdAfter }),
    ...(createdBefore === undefined ? {} : { $lt: createdBefore }),
  };
  return {
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(folderId === undefined ? {} : { folderId }),
    ...(anonymous === undefined ? {} : { anonymous: anonymous ? true : { $exists: false } }),
    // What came without an account has no owner's role.
    ...(ownerRole === undefined ? {} : { ownerRole }),
    ...(archivedById === undefined ? {} : { archivedById }),
    ...(atTop === true ? { folderId: null } : {}),
    ...(states === undefined ? {} : { state: { $in: [...states] } }),
    ...(Object.keys(created).length === 0 ? {} : { createdAt: created }),
  };
}

/** The files of a filter in an order: with every state told apart, since the index has the state before what it sorts by. */
export function inOrder(filter: FileFilter, field: string): object {
  const states = field === "state" ? {} : { state: { $in: [...FILE_STATES] } };
  const lists = listsOf(filter);
  const named = { lists: lists.length === 1 ? lists[0] : { $in: lists }, ...states, ...conditionsOf(filter) };
  const { beside } = filter;
  return beside === undefined ? named : { $or: [named, ...besides(filter, beside, states)] };
}

/** What a search means beside names, each with the index that finds it. */
function besides(filter: FileFilter, beside: SearchedBeside, states: object): object[] {
  const { ownerIds, folderIds, fileIds, archiverIds } = beside;
  const { names, says } = whoseOf(filter);
  const here = { lists: { $in: listsNamed(filter, names) }, ...states, ...remaining(filter, says) };
  const all = { ...states, ...remaining(filter, []) };
  const listed = (sign: string, ids: readonly string[], by: FileFilter = filter) => {
    const lists = {
      $in: listsNamed(
        by,
        ids.map((id) => sign + id),
      ),
    };
    return ids.length === 0 ? [] : [{ lists, ...all }];
  };
  return [
    ...listed(OF, ownerIds),
    ...(filter.archived === false ? [] : listed(BY, archiverIds, { ...filter, archived: true })),
    ...(folderIds.length === 0 ? [] : [{ folderIds: { $in: [...folderIds] }, ...here }]),
    ...(fileIds.length === 0 ? [] : [{ _id: { $in: [...fileIds] }, ...here }]),
  ];
}

function searchOf({ search, ownerId }: FileFilter): object {
  if (search === undefined || search.trim() === "") return {};
  const scope = ownerId === undefined ? EVERYBODY : OF + ownerId;
  return namedLike(search, (term) => ({ terms: beginning(`${scope} ${term}`) }));
}
