import { MongoError } from "../errors.js";

/** What an expression can see: the document and the variables in force (`let`, `$map`, `$filter`, `$reduce`). */
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

export type Operators = Readonly<Record<string, Operator>>;

const list = (operand: unknown): readonly unknown[] => (Array.isArray(operand) ? operand : [operand]);

function checkCount(name: string, passed: number, least: number, most: number): void {
  if (passed >= least && passed <= most) return;
  if (least === most) {
    throw new MongoError(
      16020,
      `Expression ${name} takes exactly ${least} arguments. ${passed} were passed in.`,
    );
  }
  const message = `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${passed} were passed in.`;
  throw new MongoError(28667, message);
}

/** An operator of `least` to `most` arguments, all evaluated first. */
export const strict =
  (least: number, most: number, apply: (values: readonly unknown[], name: string) => unknown): Operator =>
  (operand, compile, name) => {
    const given = list(operand);
    checkCount(name, given.length, least, most);
    const runs = given.map((one) => compile(one));
    return (scope) =>
      apply(
        runs.map((run) => run(scope)),
        name,
      );
  };

/** As `strict`, for operators that leave arguments unevaluated. */
export const lazy =
  (least: number, apply: (runs: readonly Run[], scope: Scope) => unknown): Operator =>
  (operand, compile, name) => {
    const given = list(operand);
    checkCount(name, given.length, least, Infinity);
    const runs = given.map((one) => compile(one));
    return (scope) => apply(runs, scope);
  };

/** The scope within which further variables hold. */
export const within = (scope: Scope, variables: Readonly<Record<string, unknown>>): Scope => ({
  root: scope.root,
  variables: { ...scope.variables, ...variables },
});
