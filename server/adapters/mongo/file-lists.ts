import { FILE_STATES } from "../../files/file.js";
import type { FileFilter } from "../../files/files.ports.js";
import { isAnonymous } from "../../kernel/anonymous.js";
import { nameKey } from "../../files/names.js";
import { termsOf } from "../../files/words.js";
import { beginning } from "./beginning.js";

/**
 * What files are found by, derived from what they are, in the same update: which lists they are in (`lists`), what they
 * are searched by (`terms`), and what waits to be done with them and when (`due`). One index then serves a list whether it
 * is a folder's, a user's or everybody's, and one serves all sweeps.
 */
type Shown = "LIVE" | "ARCHIVED" | "HIDDEN";

/** In place of an owner's id: files that came without an account, and all others. */
const NOBODY = "nobody";
const SOMEBODY = "somebody";
const EVERYBODY = "everybody";

/** More than whoever marks a file asks for before a sweep takes over. */
const LONGEST_PATIENCE_MS = 3_600_000;

const isThere = (field: string) => ({ $ne: [{ $type: field }, "missing"] });
const isHidden = { $or: [isThere("$givenUp"), isThere("$purgingAt")] };
/** Whoever comes without an account has an id too, by which he is never asked for. */
const WHOSE = { $cond: [isThere("$anonymous"), NOBODY, SOMEBODY] };

const SHOWN = {
  $switch: {
    branches: [
      { case: isHidden, then: "HIDDEN" },
      { case: isThere("$archivedAt"), then: "ARCHIVED" },
    ],
    default: "LIVE",
  },
};
/** A user's files, those of his that lie in no folder, a folder's: the sign keeps one's id from being read as another's. */
const OF = "@";
const TOP_OF = "^";
const IN = "/";
const named = (...whose: unknown[]) => ({ $concat: ["$$shown", " ", ...whose] });
const LISTS = {
  $let: {
    vars: { shown: SHOWN },
    in: {
      $concatArrays: [
        [named(WHOSE), named(OF, "$ownerId")],
        [{ $cond: [{ $gt: ["$folderId", null] }, named(IN, "$folderId"), named(TOP_OF, "$ownerId")] }],
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
      $switch: {
        branches: [
          { case: { $gt: ["$$at", null] }, then: { for: "SWEEP", at: "$$at" } },
          { case: isArchivedAlone, then: { for: "RETENTION", at: "$archivedAt" } },
        ],
        default: "$$REMOVE",
      },
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

/** The lists that a filter is about; none of them has a file of another. */
export function listsOf({ archived, ownerId, folderId, atTop, anonymous }: FileFilter): string[] {
  if (ownerId !== undefined && anonymous !== undefined && anonymous !== isAnonymous(ownerId)) return [];
  const shown: Shown[] = archived === undefined ? ["LIVE", "ARCHIVED"] : [archived ? "ARCHIVED" : "LIVE"];
  const owned = anonymous === undefined ? [SOMEBODY, NOBODY] : [anonymous ? NOBODY : SOMEBODY];
  // Nothing lies both in a folder and at the top: the narrower one wins.
  const whose =
    folderId !== undefined
      ? [IN + folderId]
      : ownerId === undefined
        ? owned
        : [(atTop === true ? TOP_OF : OF) + ownerId];
  return shown.flatMap((each) => whose.map((one) => `${each} ${one}`));
}

/** What a file of one of the lists has to satisfy besides. */
export function conditionsOf(filter: FileFilter): Record<string, unknown> {
  const { ownerId, folderId, atTop, states, createdAfter, createdBefore, anonymous } = filter;
  const created = {
    ...(createdAfter === undefined ? {} : { $gte: createdAfter }),
    ...(createdBefore === undefined ? {} : { $lt: createdBefore }),
  };
  const searched = searchOf(filter);
  return {
    ...(ownerId === undefined || folderId === undefined ? {} : { ownerId }),
    ...(anonymous === undefined || folderId === undefined || ownerId !== undefined
      ? {}
      : { anonymous: anonymous ? true : { $exists: false } }),
    ...(atTop !== true || folderId !== undefined || ownerId !== undefined ? {} : { folderId: null }),
    ...(states === undefined ? {} : { state: { $in: [...states] } }),
    ...(searched.length === 0 ? {} : { $and: searched }),
    ...(Object.keys(created).length === 0 ? {} : { createdAt: created }),
  };
}

/** The files of a filter in an order: with every state told apart, since the index has the state before what it sorts by. */
export function inOrder(filter: FileFilter, field: string): object {
  const lists = listsOf(filter);
  const states = field === "state" ? {} : { state: { $in: [...FILE_STATES] } };
  return { lists: lists.length === 1 ? lists[0] : { $in: lists }, ...states, ...conditionsOf(filter) };
}

function searchOf({ search, ownerId }: FileFilter): object[] {
  if (search === undefined || search.trim() === "") return [];
  const scope = ownerId === undefined ? EVERYBODY : OF + ownerId;
  const terms = termsOf(search);
  // Without a word in it, such as !!!, it can only be how a name begins.
  if (terms.length === 0) return [{ nameKey: beginning(nameKey(search)) }];
  return terms.map((term) => ({ terms: beginning(`${scope} ${term}`) }));
}
