import { MongoError } from "../errors.js";
import { isDoc } from "../values.js";

/**
 * Reads an operand of named arguments such as `{ input, as, in }`.
 * @throws MongoError 9 for a missing, unknown or misplaced argument
 */
export function named<Name extends string, Optional extends string = never>(
  operator: string,
  operand: unknown,
  required: readonly Name[],
  optional: readonly Optional[] = [],
): Record<Name, unknown> & Partial<Record<Optional, unknown>> {
  if (!isDoc(operand)) throw new MongoError(9, `${operator} only supports an object as its argument`);
  for (const name of Object.keys(operand)) {
    if (![...required, ...optional].includes(name as Name & Optional)) {
      throw new MongoError(9, `Unrecognized parameter to ${operator}: ${name}`);
    }
  }
  for (const name of required) {
    if (!(name in operand)) throw new MongoError(9, `Missing '${name}' parameter to ${operator}`);
  }
  return operand as Record<Name, unknown> & Partial<Record<Optional, unknown>>;
}
