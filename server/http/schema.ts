import { printSchemaWithDirectives } from "@graphql-tools/utils";
import type { GraphQLSchema } from "graphql";
import { buildSchema } from "type-graphql";
import type { NonEmptyArray } from "type-graphql";
import { enforceAuthDirective, withAuthDirective } from "./auth-directive.js";

/** A resolver class, and the object whose methods answer. Printing the schema needs no object. */
export interface ResolverEntry {
  type: NewableFunction;
  instance?: object;
}

/** Our subscriptions bring their own event streams, but TypeGraphQL refuses to build one without a PubSub. */
const NO_PUBSUB = {
  publish(): void {
    throw new TypeError("Events are published on the EventBus.");
  },
  subscribe(): never {
    throw new TypeError("Give @Subscription a `subscribe` function.");
  },
};

/** The whole schema, with `@auth` enforced. */
export async function buildTelestashSchema(resolvers: readonly ResolverEntry[]): Promise<GraphQLSchema> {
  const instances = new Map(resolvers.map(({ type, instance }) => [type, instance]));
  const built = await buildSchema({
    resolvers: resolvers.map(({ type }) => type) as unknown as NonEmptyArray<NewableFunction>,
    container: {
      get(type: NewableFunction): object {
        const instance = instances.get(type);
        if (!instance) throw new TypeError(`The resolver ${type.name} was given no instance.`);
        return instance;
      },
    },
    validate: false,
    pubSub: NO_PUBSUB,
  });
  return enforceAuthDirective(withAuthDirective(built));
}

/** The schema as text, directive usages included (graphql's own printer drops them). */
export function printTelestashSchema(schema: GraphQLSchema): string {
  return `${printSchemaWithDirectives(schema)}\n`;
}
