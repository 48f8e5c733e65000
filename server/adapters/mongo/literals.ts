/** Facts as values of a pipeline's `$set`: a text that begins with `$` would otherwise be read as a field path. */
export function literals(facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, { $literal: value as unknown }]),
  );
}
