/** A control request that would do nothing or the wrong thing. */
export class BadControl extends Error {
  override readonly name = "BadControl";
}

/** @throws BadControl when `input` is no object or has a field outside `known` */
export function refuseUnknown(input: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new BadControl("a JSON object is needed");
  }
  for (const name of Object.keys(input)) {
    if (!known.includes(name)) throw new BadControl(`unknown field ${name}; known: ${known.join(", ")}`);
  }
  return input as Record<string, unknown>;
}

/** @throws BadControl when `value` is no finite number of at least `minimum` */
export function numberIn(name: string, value: unknown, minimum = 0): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < minimum) {
    throw new BadControl(`${name} takes a number of at least ${minimum}`);
  }
  return value;
}
