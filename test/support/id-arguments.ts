import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { GraphQLArgument, GraphQLField, GraphQLInputType, GraphQLSchema } from "graphql";

/** A place in the schema that takes an id: an argument, or a field of an input, also in lists. */
export interface IdArgument {
  /** As the tables write it: `Mutation.createFolder(input.parentId)`, `Mutation.archiveFiles(ids[])`. */
  coordinate: string;
  operation: "query" | "mutation" | "subscription" | undefined;
  field: GraphQLField<unknown, unknown>;
  /** From the argument down to the id; `[]` is an item of a list. */
  path: string[];
}

/** The place of a file in the variables. */
export const FILE_TO_SEND = Symbol("a file");

const LONGEST_PATH = 12;

/** Every place of a schema that takes an id, those of nested fields too. */
export function idArguments(schema: GraphQLSchema): IdArgument[] {
  const roots = new Map([
    [schema.getQueryType()?.name, "query"] as const,
    [schema.getMutationType()?.name, "mutation"] as const,
    [schema.getSubscriptionType()?.name, "subscription"] as const,
  ]);
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
    .flatMap((type) =>
      Object.values(isObjectType(type) ? type.getFields() : {}).map((field) => ({ type, field })),
    )
    .flatMap(({ type, field }) =>
      field.args
        .flatMap((argument) => pathsToIds(argument.type, [argument.name]))
        .map((path) => ({
          coordinate: `${type.name}.${field.name}(${path.join(".").replaceAll(".[]", "[]")})`,
          operation: roots.get(type.name),
          field,
          path,
        })),
    );
}

function pathsToIds(type: GraphQLInputType, path: string[]): string[][] {
  if (isNonNullType(type)) return pathsToIds(type.ofType, path);
  if (isListType(type)) return pathsToIds(type.ofType, [...path, "[]"]);
  if (isInputObjectType(type)) {
    // An input that contains itself has endless places; the first ones stand for the rest.
    if (path.length > LONGEST_PATH) return [];
    return Object.values(type.getFields()).flatMap((field) => pathsToIds(field.type, [...path, field.name]));
  }
  return type.name === "ID" ? [path] : [];
}

/**
 * An operation with the id in its place.
 * @param ids one, or for a list any number
 * @param more other arguments; what the schema also requires is made up
 */
export function operationWith(
  { operation = "query", field, path }: IdArgument,
  ids: readonly string[],
  more: Record<string, unknown>,
): { query: string; variables: Record<string, unknown> } {
  const [first = "", ...rest] = path;
  const given: Record<string, unknown> = structuredClone(more);
  given[first] = placed(given[first], rest, ids);
  const used = field.args.filter(({ name, type }) => name in given || isNonNullType(type));
  const variables = Object.fromEntries(used.map(({ name, type }) => [name, filled(type, given[name])]));
  const declared = used.map(({ name, type }: GraphQLArgument) => `$${name}: ${String(type)}`).join(", ");
  const passed = used.map(({ name }) => `${name}: $${name}`).join(", ");
  return {
    query: `${operation} (${declared}) { ${field.name}(${passed}) ${selection(field)} }`,
    variables,
  };
}

function placed(value: unknown, path: readonly string[], ids: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return ids[0];
  if (step === "[]") return rest.length === 0 ? [...ids] : [placed(undefined, rest, ids)];
  const object = (value ?? {}) as Record<string, unknown>;
  return { ...object, [step]: placed(object[step], rest, ids) };
}

/** The value, with what its type also requires. */
function filled(type: GraphQLInputType, value: unknown): unknown {
  if (isNonNullType(type)) return value === undefined ? madeUp(type.ofType) : filled(type.ofType, value);
  if (value === undefined || value === null || !isInputObjectType(type)) return value;
  const object = value as Record<string, unknown>;
  const fields = Object.values(type.getFields()).map(({ name, type: inner }) => [
    name,
    filled(inner, object[name]),
  ]);
  return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined));
}

function madeUp(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return madeUp(type.ofType);
  if (isListType(type)) return [madeUp(type.ofType)];
  if (isInputObjectType(type)) return filled(type, {});
  if (isEnumType(type)) return type.getValues()[0]?.name;
  const scalars: Record<string, unknown> = {
    ...{ ID: "0".repeat(24), Int: 1, Float: 1, Boolean: true, ByteSize: 1, Upload: FILE_TO_SEND },
    DateTime: "2100-01-01T00:00:00.000Z",
  };
  return scalars[type.name] ?? "a value";
}

/** Enough to run the field, and to tell an empty list from a full one. */
function selection(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return "";
  const isConnection = isObjectType(type) && "nodes" in type.getFields();
  return isConnection ? "{ nodes { __typename } totalCount }" : "{ __typename }";
}
