/**
 * Facts as values of a pipeline's `$set`: a text that begins with `$` would otherwise be read as a field path. What is
 * undefined is removed.
 */
export function literals(facts: object): Record<string, unknown> {
  const literal = (value: unknown) => (value === undefined ? "$$REMOVE" : { $literal: value });
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, literal(value)]));
}
