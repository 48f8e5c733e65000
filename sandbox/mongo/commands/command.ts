import type { Cursors } from "../cursors.js";
import type { Batch } from "../cursors.js";
import { badValue, MongoError, typeMismatch } from "../errors.js";
import { toNumber } from "../numbers.js";
import { parseSort } from "../sort.js";
import type { Pattern } from "../indexkeys.js";
import type { Store } from "../store.js";
import { field, isDoc, isNumber, kindOf } from "../values.js";
import type { Doc } from "../values.js";

/** What the commands of one server share. */
export interface Shared {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly host: string;
}

/** One command as it arrived. */
export interface Request {
  readonly name: string;
  readonly body: Doc;
  readonly database: string;
  readonly connection: number;
  readonly shared: Shared;
}

/** A reply: a document, or a batch of documents that are BSON bytes already. */
export type Reply = Doc | { readonly batch: Batch; readonly first: boolean };

export interface Command {
  /** The fields it knows beside those that every command may have. */
  readonly fields: readonly string[];
  /** True: answered only when everything written is safe. */
  readonly writes?: boolean;
  run(request: Request): Reply;
}

export type Commands = Readonly<Record<string, Command>>;

const wrongType = (request: Request, name: string, expected: string): MongoError => {
  const kind = kindOf(field(request.body, name));
  return typeMismatch(
    `BSON field '${request.name}.${name}' is the wrong type '${kind}', expected type '${expected}'`,
  );
};

/** The collection a command names with its first field. @throws MongoError 73 for something else than a name */
export function collectionName(request: Request): string {
  const name = request.body[request.name];
  if (typeof name !== "string" || name === "") {
    throw new MongoError(73, `collection name has invalid type ${kindOf(name)}`);
  }
  return name;
}

export function docOf(request: Request, name: string): Doc | undefined {
  const value = field(request.body, name);
  if (value === undefined) return undefined;
  if (!isDoc(value)) throw wrongType(request, name, "object");
  return value;
}

/** A whole number of zero or more. @throws MongoError 14 or 51024 otherwise */
export function countOf(request: Request, name: string, otherwise: number): number {
  const value = field(request.body, name);
  if (value === undefined || value === null) return otherwise;
  if (!isNumber(value)) throw wrongType(request, name, "long");
  const number = toNumber(value);
  if (!Number.isInteger(number)) throw badValue(`BSON field '${name}' must be a whole number`);
  if (number < 0)
    throw new MongoError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return number;
}

export function flagOf(request: Request, name: string, otherwise = false): boolean {
  const value = field(request.body, name);
  if (value === undefined) return otherwise;
  if (typeof value === "boolean") return value;
  if (isNumber(value)) return toNumber(value) !== 0;
  throw wrongType(request, name, "bool");
}

export function docsOf(request: Request, name: string): readonly Doc[] {
  const value = field(request.body, name);
  if (value === undefined)
    throw new MongoError(40414, `BSON field '${request.name}.${name}' is missing but a required field`);
  if (!Array.isArray(value) || !value.every(isDoc)) throw wrongType(request, name, "array");
  return value;
}

export function sortOf(request: Request): Pattern | undefined {
  const sort = docOf(request, "sort");
  return sort && parseSort(sort);
}

/** When `maxTimeMS` runs out, in ms since the epoch; 0: never. */
export function deadlineOf(request: Request): number {
  const most = countOf(request, "maxTimeMS", 0);
  return most === 0 ? 0 : Date.now() + most;
}

/** Refuses fields that a nested specification does not have. @throws MongoError 40415 */
export function refuseUnknown(doc: Doc, known: readonly string[], where: string): void {
  const stranger = Object.keys(doc).find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new MongoError(40415, `BSON field '${where}.${stranger}' is an unknown field.`);
}
