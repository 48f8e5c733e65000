import { getDirective, MapperKind, mapSchema } from "@graphql-tools/utils";
import { defaultFieldResolver, DirectiveLocation, GraphQLDirective, GraphQLNonNull } from "graphql";
import { GraphQLSchema, isEnumType } from "graphql";
import type { GraphQLFieldConfig, GraphQLFieldResolver } from "graphql";
import { hasRole } from "../kernel/context.js";
import type { Role } from "../kernel/context.js";
import { forbidden, unauthenticated } from "../kernel/errors.js";
import type { GraphqlContext } from "./request-context.js";

const NAME = "auth";

type Field = GraphQLFieldConfig<unknown, GraphqlContext>;
type Resolve = GraphQLFieldResolver<unknown, GraphqlContext>;

/** Declares `@auth`. Its argument is the schema's own enum Role, so this comes after the types are built. */
export function withAuthDirective(schema: GraphQLSchema): GraphQLSchema {
  const role = schema.getType("Role");
  if (!isEnumType(role)) throw new TypeError("The schema has no enum Role for @auth to require.");
  const directive = new GraphQLDirective({
    name: NAME,
    description:
      "Who may ask for this field, or for every field of this type. Each role includes those before it.",
    locations: [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    args: {
      requires: {
        type: new GraphQLNonNull(role),
        defaultValue: "FREE",
        description: "The least role. FREE is anyone signed in.",
      },
    },
  });
  const config = schema.toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, directive] });
}

/** Makes every `@auth` hold: on the field itself, or on the type it belongs to. */
export function enforceAuthDirective(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field: Field, _name, typeName) => {
      const required = requirement(schema, field) ?? requirement(schema, schema.getType(typeName));
      return required === undefined ? undefined : guarded(field, required);
    },
  });
}

function requirement(
  schema: GraphQLSchema,
  node: Parameters<typeof getDirective>[1] | undefined,
): Role | undefined {
  const [usage] = (node && getDirective(schema, node, NAME)) ?? [];
  return usage?.["requires"] as Role | undefined;
}

/** A subscription is checked when it begins (`subscribe`) and with each event (`resolve`). */
function guarded(field: Field, required: Role): Field {
  const { resolve = defaultFieldResolver, subscribe } = field;
  const guard =
    (inner: Resolve): Resolve =>
    (source, args, context, info) => {
      authorize(context, required);
      return inner(source, args, context, info);
    };
  return { ...field, resolve: guard(resolve), ...(subscribe && { subscribe: guard(subscribe) }) };
}

function authorize(context: GraphqlContext, required: Role): void {
  if (hasRole(context.viewer, required)) return;
  if (context.viewer.kind === "anonymous") throw context.viewer.refusal ?? unauthenticated();
  throw forbidden(`This needs the role ${required}.`);
}
