import type { Query, QueryClient } from "@tanstack/react-query";

/**
 * Reads everything that is shown again, after something has changed on the server. Answers that are still under way were
 * perhaps written before the change: readings of what is shown already are begun anew, first ones are followed by another.
 */
export async function readAllAgain(queries: QueryClient): Promise<void> {
  const isFirst = ({ state }: Query) => state.fetchStatus === "fetching" && state.data === undefined;
  const first = new Set(queries.getQueryCache().findAll({ predicate: isFirst }));
  await queries.invalidateQueries();
  if (first.size > 0) await queries.invalidateQueries({ predicate: (query) => first.has(query) });
}
