import type { Collection } from "../collection.js";
import type { Batch, Cursors } from "../cursors.js";
import { badValue, failedToParse, MongoError, typeMismatch } from "../errors.js";
import type { Pattern } from "../indexkeys.js";
import { toNumber } from "../numbers.js";
import type { Plan, Wanted } from "../planner.js";
import type { Work } from "../query.js";
import { parseSort } from "../sort.js";
import type { Store } from "../store.js";
import { field, isArray, isDoc, isNumber, kindOf } from "../values.js";
import type { Doc } from "../values.js";
import { Names, Vocabulary } from "../vocabulary.js";

/** What the commands of one server share. */
export interface Shared {
  readonly store: Store;
  readonly cursors: Cursors;
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
export type Reply = Doc | Batch;

export interface Command {
  /** The fields it may have beside those that every command may have. */
  readonly options: readonly string[];
  /** True: answered only when everything written is safe. */
  readonly writes?: boolean;
  run(request: Request): Reply;
  /** What `explain` shows of it. */
  explain?(request: Request): Explained;
}

/** A command as `explain` sees it: which documents it looks for, and what it gives when it is run. */
export interface Explained {
  readonly query: Wanted;
  readonly run: (work: Work, plan: Plan | undefined) => Iterable<unknown>;
}

/** A command in its table, with its options as the words they are. */
export type Known = Omit<Command, "options"> & { readonly options: Names };

/** Commands by their names. @param file of the table: `import.meta.filename` */
export function commandTable(file: string, commands: Readonly<Record<string, Command>>): Vocabulary<Known> {
  const known = Object.entries(commands).map(([name, command]) => {
    return [name, { ...command, options: new Names(file, `option of ${name}`, command.options) }] as const;
  });
  return new Vocabulary(file, "command", Object.fromEntries(known));
}

/** Fields that every command may have. */
const GENERIC = new Names(import.meta.filename, "option of any command", ["$db", "lsid"]);

const unknownField = (where: string, name: string): MongoError =>
  new MongoError(40415, `BSON field '${where}.${name}' is an unknown field.`);

/** @throws MongoError 40415 for a field that the command does not have */
export function checkFields(name: string, body: Doc, { options }: Known): void {
  const isKnown = (one: string): boolean =>
    one === name || GENERIC.find(one) === true || options.find(one) === true;
  const stranger = Object.keys(body).find((one) => !isKnown(one));
  if (stranger !== undefined) throw unknownField(name, stranger);
}

/** Fields to be read: a command's own, or those of one of its statements; `name` is for messages. */
export type Fields = Pick<Request, "name" | "body">;

function wrongType({ name, body }: Fields, one: string, expected: string): MongoError {
  const kind = kindOf(field(body, one));
  return typeMismatch(`BSON field '${name}.${one}' is the wrong type '${kind}', expected type '${expected}'`);
}

/** @throws MongoError 40414 where the field is missing */
function needed({ name, body }: Fields, one: string): unknown {
  const value = field(body, one);
  if (value !== undefined) return value;
  throw new MongoError(40414, `BSON field '${name}.${one}' is missing but a required field`);
}

/** The text that has to be there. @throws MongoError 14 or 40414 otherwise */
export function textOf(fields: Fields, name: string): string {
  const text = needed(fields, name);
  if (typeof text !== "string" || text === "") throw wrongType(fields, name, "string");
  return text;
}

/** The collection a command names with its first field. @throws MongoError 73 for something else than a name */
export function collectionName(request: Request): string {
  const name = field(request.body, request.name);
  if (typeof name !== "string" || name === "")
    throw new MongoError(73, `collection name has invalid type ${kindOf(name)}`);
  return name;
}

export const namespaceOf = (request: Request): string => `${request.database}.${collectionName(request)}`;

/** The collection a command names; undefined when it is not there. */
export const collectionOf = (request: Request): Collection | undefined =>
  request.shared.store.find(request.database, collectionName(request));

/** @throws MongoError 14 for something else */
export function docOf(fields: Fields, name: string): Doc | undefined {
  return field(fields.body, name) === undefined ? undefined : neededDocOf(fields, name);
}

/** The document that has to be there. @throws MongoError 14 or 40414 otherwise */
export function neededDocOf(fields: Fields, name: string): Doc {
  const value = needed(fields, name);
  if (!isDoc(value)) throw wrongType(fields, name, "object");
  return value;
}

/** The documents that have to be there. @throws MongoError 14 or 40414 otherwise */
export function docsOf(fields: Fields, name: string): readonly Doc[] {
  const value = needed(fields, name);
  if (!isArray(value) || !value.every(isDoc)) throw wrongType(fields, name, "array");
  return value;
}

/** A whole number of zero or more. @throws MongoError 2, 14 or 51024 for something else */
export function countOf(fields: Fields, name: string, otherwise: number): number {
  const value = field(fields.body, name);
  if (value === undefined) return otherwise;
  if (!isNumber(value)) throw wrongType(fields, name, "long");
  const number = toNumber(value);
  if (!Number.isInteger(number)) throw badValue(`BSON field '${name}' must be a whole number`);
  if (number < 0) throw new MongoError(51024, `BSON field '${name}' value must be >= 0, but is '${number}'`);
  return number;
}

/** @throws MongoError 14 for something else */
export function flagOf(fields: Fields, name: string, otherwise = false): boolean {
  const value = field(fields.body, name) ?? otherwise;
  if (typeof value !== "boolean") throw wrongType(fields, name, "bool");
  return value;
}

/** The collection that a command writes to, made now if it is not there. @throws MongoError 73 for a strange name */
export const collectionToWrite = (request: Request): Collection =>
  request.shared.store.getOrCreate(request.database, collectionName(request));

export function sortOf(request: Request): Pattern | undefined {
  const sort = docOf(request, "sort") ?? {};
  return Object.keys(sort).length === 0 ? undefined : parseSort(sort);
}

/** Refuses fields that a specification does not have. @throws MongoError 40415 */
export function refuseStrangers(specification: Doc, known: Names, where: string): void {
  const stranger = known.stranger(specification);
  if (stranger !== undefined) throw unknownField(where, stranger);
}

const CURSOR_OPTIONS = new Names(import.meta.filename, "option of cursors", []);

/** A cursor is asked for, and takes no options. @throws MongoError 9 or 40415 otherwise */
export function checkCursor(request: Request): void {
  const cursor = docOf(request, "cursor");
  if (!cursor) throw failedToParse("The 'cursor' option is required, except for explaining");
  refuseStrangers(cursor, CURSOR_OPTIONS, `${request.name}.cursor`);
}
