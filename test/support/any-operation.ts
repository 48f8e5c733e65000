import fc from "fast-check";
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { GraphQLField, GraphQLInputType, GraphQLOutputType, GraphQLSchema } from "graphql";
import { FILE_TO_SEND } from "./id-arguments.js";
import { NAUGHTY } from "./naughty-values.js";

export interface RootField {
  /** As in `Mutation.createFolder`. */
  name: string;
  operation: "query" | "mutation" | "subscription";
  field: GraphQLField<unknown, unknown>;
}

/** Every operation of a schema, but for subscriptions to which nothing can be said. */
export function rootFields(schema: GraphQLSchema): RootField[] {
  const roots = [
    ["query", schema.getQueryType()],
    ["mutation", schema.getMutationType()],
    ["subscription", schema.getSubscriptionType()],
  ] as const;
  return roots
    .flatMap(([operation, type]) =>
      Object.values(type?.getFields() ?? {}).map((field) => {
        return { name: `${type?.name ?? ""}.${field.name}`, operation, field };
      }),
    )
    .filter(({ operation, field }) => operation !== "subscription" || field.args.length > 0);
}

/**
 * That operation with anything for its arguments: values that fit their types, at the edges and beyond, and now and
 * then what does not fit at all.
 * @param ids of things that are there
 */
export function anyOperation(
  { operation, field }: RootField,
  ids: readonly string[],
): fc.Arbitrary<{ query: string; variables: Record<string, unknown> }> {
  const { args } = field;
  const declared = args.map(({ name, type }) => `$${name}: ${String(type)}`).join(", ");
  const passed = args.map(({ name }) => `${name}: $${name}`).join(", ");
  const head = args.length === 0 ? field.name : `${field.name}(${passed})`;
  const query = `${operation} ${args.length === 0 ? "" : `(${declared})`} { ${head} ${selection(field.type, 2)} }`;
  // A subscription to everything may have nothing to say for long.
  const mustBeGiven = ({ type }: { type: GraphQLInputType }) =>
    operation === "subscription" || isNonNullType(type);
  const variables = Object.fromEntries(
    args.map((argument) => [argument.name, valueOf(argument.type, ids, mustBeGiven(argument))]),
  );
  const needed = args.filter(mustBeGiven).map(({ name }) => name);
  return fc.record(variables, { requiredKeys: needed }).map((given) => ({ query, variables: { ...given } }));
}

function valueOf(
  type: GraphQLInputType,
  ids: readonly string[],
  mustBeGiven = isNonNullType(type),
): fc.Arbitrary<unknown> {
  const fitting = fittingOf(type, ids);
  const unfit = fc.constantFrom(...NAUGHTY.values);
  const absent = mustBeGiven ? [] : [{ arbitrary: fc.constant(null), weight: 3 }];
  return fc.oneof({ arbitrary: fitting, weight: 20 }, { arbitrary: unfit, weight: 1 }, ...absent);
}

function fittingOf(type: GraphQLInputType, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fittingOf(type.ofType, ids);
  if (isListType(type)) return fc.array(valueOf(type.ofType, ids), { maxLength: 4 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const needed = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
    const values = Object.fromEntries(fields.map((field) => [field.name, fc.constant(field.type)]));
    // Only those that are drawn are looked into: an input may contain itself.
    return fc
      .record(values, { requiredKeys: needed })
      .chain((drawn) =>
        fc.record(
          Object.fromEntries(Object.entries(drawn).map(([name, inner]) => [name, valueOf(inner, ids)])),
        ),
      );
  }
  const scalar = SCALARS[type.name];
  if (scalar === undefined) throw new TypeError(`Say in any-operation.ts what a ${type.name} may be.`);
  return scalar(ids);
}

const SCALARS: Record<string, (ids: readonly string[]) => fc.Arbitrary<unknown>> = {
  ID: (ids) => fc.oneof(fc.constantFrom(...ids), text()),
  String: text,
  Boolean: () => fc.boolean(),
  Int: () => fc.oneof(fc.constantFrom(-1, 0, 1, 2_147_483_647, -2_147_483_648), fc.integer()),
  Float: () => fc.oneof(fc.constantFrom(-1, 0, Number.MAX_VALUE), fc.double({ noNaN: true })),
  ByteSize: () => fc.constantFrom(-1, 0, 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, 1e300, 0.5),
  DateTime: () =>
    fc.constantFrom(
      ...["2026-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"],
      ...["+275760-09-13T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "2026-02-30T00:00:00.000Z", "now", ""],
    ),
  Upload: () => fc.constantFrom(FILE_TO_SEND, null),
};

function text(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...NAUGHTY.texts), fc.string({ unit: "binary", maxLength: 300 }));
}

/** What a field has to show, down to `depth`: fields that want arguments are left out. */
function selection(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  if (isUnionType(named) || !isObjectType(named)) return "{ __typename }";
  const shown = Object.values(named.getFields())
    .filter(({ args }) => !args.some((argument) => isNonNullType(argument.type)))
    .filter((field) => depth > 0 || isLeafType(getNamedType(field.type)))
    .map((field) => `${field.name} ${selection(field.type, depth - 1)}`);
  return `{ __typename ${shown.join(" ")} }`;
}
