import { ArgsType, Field, Int, ObjectType } from "type-graphql";
import type { ClassType } from "type-graphql";
import { badInput } from "../kernel/errors.js";
import type { Page, PageRequest } from "./files.ports.js";

const DEFAULT_COUNT = 25;
const MAX_COUNT = 100;

@ArgsType()
export class ForwardPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: "How many from the start of the list, or after `after`: 1 to 100, 25 unless told.",
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor of this list: what comes after it." })
  after?: string | null;
}

@ArgsType()
export class PageArgs extends ForwardPageArgs {
  @Field(() => Int, {
    nullable: true,
    description: "How many from the end of the list, or before `before`: 1 to 100.",
  })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor of this list: what comes before it." })
  before?: string | null;
}

/** @throws AppError BAD_USER_INPUT for counts outside 1 to 100, and for both directions at once */
export function toPageRequest(args: PageArgs): PageRequest {
  const { first, after, last, before } = args;
  const backward = last != null || before != null;
  if (backward && (first != null || after != null)) {
    throw badInput("Page forward with first and after, or backward with last and before, not both.", "first");
  }
  const count = (backward ? last : first) ?? DEFAULT_COUNT;
  if (count < 1 || count > MAX_COUNT) {
    throw badInput(`Ask for 1 to ${MAX_COUNT} at a time.`, backward ? "last" : "first");
  }
  const cursor = backward ? before : after;
  return { count, backward, ...(cursor == null ? {} : { cursor }) };
}

@ObjectType("PageInfo", { description: "Where a page lies in its list." })
export class PageInfoType {
  @Field(() => Boolean, { description: "Whether more follow." })
  hasNextPage: boolean;

  @Field(() => Boolean, { description: "Whether some come before." })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: "The first edge's cursor." })
  startCursor: string | undefined;

  @Field(() => String, { nullable: true, description: "The last edge's cursor." })
  endCursor: string | undefined;
}

/**
 * The GraphQL types of one more kind of list: `<name>Connection` and its `<name>Edge`.
 * @param node the type of what is listed; @param one, many what that is called in descriptions
 */
export function connectionType<N extends object>(
  node: () => ClassType<N>,
  name: string,
  [one, many]: readonly [one: string, many: string],
): ClassType<Connection<N>> {
  @ObjectType(`${name}Edge`, { description: `One of the ${many} in a list.` })
  class Edge {
    @Field(() => String, { description: "Its place in this list." })
    cursor: string;

    @Field(node, { description: `The ${one}.` })
    node: N;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${many}.` })
  class ConnectionOfNodes implements Connection<N> {
    @Field(() => [Edge], { description: `The ${many} with their cursors.` })
    edges: Edge[];

    @Field(() => [node()], { description: `The ${many}.` })
    nodes: N[];

    @Field(() => PageInfoType, { description: "Where the page lies." })
    pageInfo: PageInfoType;

    @Field(() => Int, { description: "How many the whole list has. Counted only when asked for." })
    totalCount: Promise<number>;
  }
  return ConnectionOfNodes;
}

/** What every connection answers with; `totalCount` is counted only when it is asked for. */
export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: PageInfoType;
  readonly totalCount: Promise<number>;
}

export function toConnection<T>(page: Page<T>, count: () => Promise<number>): Connection<T> {
  const { items, hasNext, hasPrevious } = page;
  return {
    edges: items,
    nodes: items.map(({ node }) => node),
    pageInfo: {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: items[0]?.cursor,
      endCursor: items.at(-1)?.cursor,
    },
    get totalCount() {
      return count();
    },
  };
}
