import { failedToParse, MongoError } from "../errors.js";
import { isArray, isDoc } from "../values.js";
import { Names } from "../vocabulary.js";

/** What an expression can see: the document and the variables in force (`$let`, `$map`, `$filter`). */
export interface Scope {
  readonly root: unknown;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A compiled expression. A missing value is undefined. */
export type Run = (scope: Scope) => unknown;

/** Compiles an inner expression, which may also use the variables named. */
export type Compile = (expression: unknown, variables?: readonly string[]) => Run;

/** An operator: from its operand as written to what it computes. */
export type Operator = (operand: unknown, compile: Compile, name: string) => Run;

/** An operator of `least` to `most` arguments, which says itself when to evaluate them. */
export const lazy =
  (least: number, most: number, apply: (runs: readonly Run[], scope: Scope) => unknown): Operator =>
  (operand, compile, name) => {
    const given = isArray(operand) ? operand : [operand];
    if (given.length < least || given.length > most) {
      const allowed = least === most ? `exactly ${least}` : `at least ${least}`;
      throw new MongoError(
        16020,
        `Expression ${name} takes ${allowed} arguments. ${given.length} were passed in.`,
      );
    }
    const runs = given.map((one) => compile(one));
    return (scope) => apply(runs, scope);
  };

/** As `lazy`, with all arguments evaluated first. */
export const strict =
  (least: number, most: number, apply: (values: readonly unknown[], name: string) => unknown): Operator =>
  (operand, compile, name) => {
    const evaluated = (runs: readonly Run[], scope: Scope): unknown =>
      apply(
        runs.map((run) => run(scope)),
        name,
      );
    return lazy(least, most, evaluated)(operand, compile, name);
  };

/**
 * The arguments of an operator that have names, such as `{ input, as, in }`.
 * @param file of the operator: `import.meta.filename`
 * @returns reads an operand; throws MongoError 9 for a missing, unknown or misplaced argument
 */
export function namedArguments<Name extends string, Optional extends string = never>(
  file: string,
  operator: string,
  required: readonly Name[],
  optional: readonly Optional[] = [],
): (operand: unknown) => Record<Name, unknown> & Partial<Record<Optional, unknown>> {
  const names = new Names(file, `argument of ${operator}`, [...required, ...optional]);
  return (operand) => {
    if (!isDoc(operand)) throw failedToParse(`${operator} only supports an object as its argument`);
    const stranger = names.stranger(operand);
    if (stranger !== undefined) throw failedToParse(`Unrecognized parameter to ${operator}: ${stranger}`);
    const missing = required.find((name) => !(name in operand));
    if (missing !== undefined) throw failedToParse(`Missing '${missing}' parameter to ${operator}`);
    return operand as Record<Name, unknown> & Partial<Record<Optional, unknown>>;
  };
}

/** The scope within which further variables hold. */
export const within = (scope: Scope, variables: Readonly<Record<string, unknown>>): Scope => ({
  root: scope.root,
  variables: { ...scope.variables, ...variables },
});
