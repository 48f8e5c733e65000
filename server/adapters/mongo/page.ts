import type { Model, QueryFilter } from "mongoose";
import type { Page, PageRequest } from "../../files/files.ports.js";
import { badInput } from "../../kernel/errors.js";

interface Identified {
  _id: string;
}

/** What a list is sorted by; the id breaks ties, so that every place in the list has one cursor. */
export interface Sort {
  field: string;
  descending: boolean;
  /** No two documents have the same value: the field alone says the place. */
  unique?: boolean;
}

/**
 * One page of a sorted list, found by its neighbour's values and not by counting: the thousandth page costs what the
 * first one costs, and rows that come and go meanwhile neither repeat nor vanish.
 */
export async function findPage<D extends Identified, T>(
  model: Model<D>,
  filter: object,
  sort: Sort,
  page: PageRequest,
  toNode: (document: D) => T,
): Promise<Page<T>> {
  const ascending = sort.descending === page.backward;
  const position = page.cursor === undefined ? {} : beyond(sort, decodeCursor(page.cursor), ascending);
  const direction = ascending ? 1 : -1;
  const found = await model
    .find({ $and: [filter, position] } as QueryFilter<D>)
    .sort(standsAlone(sort) ? { [sort.field]: direction } : { [sort.field]: direction, _id: direction })
    .limit(page.count + 1)
    .lean<D[]>();
  const more = found.length > page.count;
  const documents = found.slice(0, page.count);
  if (page.backward) documents.reverse();
  return {
    items: documents.map((document) => ({
      cursor: encodeCursor(document, sort.field),
      node: toNode(document),
    })),
    hasNext: page.backward ? page.cursor !== undefined : more,
    hasPrevious: page.backward ? more : page.cursor !== undefined,
  };
}

function standsAlone({ field, unique }: Sort): boolean {
  return field === "_id" || unique === true;
}

function beyond(sort: Sort, [value, id]: [unknown, string], ascending: boolean): object {
  const operator = ascending ? "$gt" : "$lt";
  const { field } = sort;
  if (standsAlone(sort)) return { [field]: { [operator]: value } };
  return { $or: [{ [field]: { [operator]: value } }, { [field]: value, _id: { [operator]: id } }] };
}

function encodeCursor(document: Identified, field: string): string {
  const value = (document as unknown as Record<string, unknown>)[field];
  const kept = value instanceof Date ? { date: value.getTime() } : value;
  return Buffer.from(JSON.stringify([kept, document._id])).toString("base64url");
}

function decodeCursor(cursor: string): [unknown, string] {
  try {
    const parsed = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown;
    if (Array.isArray(parsed) && parsed.length === 2 && typeof parsed[1] === "string") {
      return [restore(parsed[0]), parsed[1]];
    }
  } catch {
    // Falls through: whatever it was, it is no cursor of ours.
  }
  throw badInput("This cursor was not given out by this list. Start again without one.", "after");
}

/** Only plain values and dates leave here: a forged cursor must not smuggle operators into a query. */
function restore(value: unknown): string | number | Date {
  if (typeof value === "string" || typeof value === "number") return value;
  const { date } = value as { date: unknown };
  if (typeof date === "number") return new Date(date);
  throw new TypeError("not a cursor value");
}
