import type { Model, QueryFilter } from "mongoose";
import type { Page, PageRequest } from "../../files/files.ports.js";
import { badInput } from "../../kernel/errors.js";

/** The last moment that a date can be. */
const MOST_MS = 8.64e15;

interface Identified {
  _id: string;
}

/** What a list is sorted by; the id breaks ties, so that every place in the list has one cursor. */
export interface Sort {
  field: string;
  /** What comes before the id, where many have the same value. */
  then?: string;
  descending: boolean;
  /** No two documents have the same value: the field alone says the place. */
  unique?: boolean;
}

/**
 * One page of a sorted list, found by its neighbour's values and not by counting: the thousandth page costs what the
 * first one costs, and rows that come and go meanwhile neither repeat nor vanish.
 * @throws AppError BAD_USER_INPUT for a cursor of something else
 */
export async function findPage<D extends Identified, T>(
  model: Model<D>,
  filter: object,
  sort: Sort,
  page: PageRequest,
  toNode: (document: D) => T,
): Promise<Page<T>> {
  const fields = fieldsOf(sort);
  const ascending = sort.descending === page.backward;
  const cursor = page.cursor === undefined ? undefined : decodeCursor(page.cursor, fields, page.backward);
  const search = (position: object, upwards: boolean) =>
    model
      .find({ $and: [filter, position] } as QueryFilter<D>)
      .sort(Object.fromEntries(fields.map((field) => [field, upwards ? 1 : -1])));
  const [found, left] = await Promise.all([
    search(cursor === undefined ? {} : beyond(cursor, ascending), ascending)
      .limit(page.count + 1)
      .lean<D[]>(),
    // What was left behind is still there, unless it was the cursor's own row and that is gone.
    cursor === undefined
      ? []
      : search(beyond(cursor, !ascending, "or there"), !ascending)
          .limit(1)
          .select({ _id: 1 })
          .lean<D[]>(),
  ]);
  const more = found.length > page.count;
  const documents = found.slice(0, page.count);
  if (page.backward) documents.reverse();
  return {
    items: documents.map((document) => ({ cursor: encodeCursor(document, fields), node: toNode(document) })),
    hasNext: page.backward ? left.length > 0 : more,
    hasPrevious: page.backward ? more : left.length > 0,
  };
}

function fieldsOf({ field, then, unique }: Sort): readonly string[] {
  if (field === "_id" || unique === true) return [field];
  return [field, ...(then === undefined ? [] : [then]), "_id"];
}

type Value = string | number | Date;
type Cursor = readonly (readonly [field: string, value: Value])[];

/** Whatever differs first, at any of the fields, lies on that side. */
function beyond(cursor: Cursor, ascending: boolean, inclusive?: "or there"): object {
  const operator = ascending ? "$gt" : "$lt";
  const alternatives = cursor.map(([field, value], i) => {
    const isLast = i === cursor.length - 1;
    const same = Object.fromEntries(cursor.slice(0, i));
    return { ...same, [field]: { [isLast && inclusive !== undefined ? `${operator}e` : operator]: value } };
  });
  return alternatives.length === 1 ? (alternatives[0] ?? {}) : { $or: alternatives };
}

function encodeCursor(document: Identified, fields: readonly string[]): string {
  const values = fields.map((field) => {
    const value = (document as unknown as Record<string, unknown>)[field];
    return value instanceof Date ? { date: value.getTime() } : value;
  });
  return Buffer.from(JSON.stringify([fields[0], ...values])).toString("base64url");
}

function decodeCursor(cursor: string, fields: readonly string[], backward: boolean): Cursor {
  try {
    const parsed = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
    if (Array.isArray(parsed) && parsed.length === fields.length + 1 && parsed[0] === fields[0]) {
      return fields.map((field, i) => [field, restore(parsed[i + 1])] as const);
    }
  } catch {
    // Falls through: whatever it was, it is no cursor of ours.
  }
  const message = "This cursor was not given out by this list in this order. Start again without one.";
  throw badInput(message, backward ? "before" : "after");
}

/** Only plain values and dates leave here: a forged cursor must not smuggle operators into a query. */
function restore(value: unknown): Value {
  if (typeof value === "string" || typeof value === "number") return value;
  const { date } = value as { date: unknown };
  if (typeof date === "number" && Math.abs(date) <= MOST_MS) return new Date(date);
  throw new TypeError("not a cursor value");
}
