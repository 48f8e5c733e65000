import { GraphQLError, GraphQLScalarType, Kind } from "graphql";
import { GraphQLDateTime } from "graphql-scalars";

/** A moment, as RFC 3339 text in UTC. */
export const DateTime: GraphQLScalarType = GraphQLDateTime;

/** A number of bytes. GraphQL's own Int ends at 2 GiB. */
export const ByteSize = new GraphQLScalarType<number, number>({
  name: "ByteSize",
  description: "A number of bytes: a whole JSON number from 0 to 2^53-1.",
  serialize: byteSize,
  parseValue: byteSize,
  parseLiteral(node) {
    if (node.kind !== Kind.INT)
      throw new GraphQLError("ByteSize must be written as a whole number.", { nodes: node });
    return byteSize(Number(node.value));
  },
});

function byteSize(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new GraphQLError("ByteSize must be a whole number from 0 to 2^53-1.");
}
