import { costLimitRule } from "@escape.tech/graphql-armor-cost-limit";
import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { GraphQLError, Kind } from "graphql";
import type { ASTVisitor, SelectionSetNode, ValidationContext, ValidationRule } from "graphql";

/** Tokens of one document: graphql-js stops reading there. */
export const MAX_TOKENS = 5_000;

const MOST = { depth: 12, aliases: 50, rootFields: 50, cost: 50_000 };

/** Each costs a password hash or a mail, so one document may ask for one of them. */
const ONCE = new Set([
  "acceptInvite",
  "changeEmail",
  "changePassword",
  "confirmEmail",
  "inviteUser",
  "login",
  "refreshSession",
  "register",
  "requestPasswordReset",
  "resetPassword",
]);

/** As a validation error instead of a thrown one, which would answer 500. */
const reported = {
  propagateOnRejection: false,
  onReject: [(context: ValidationContext | null, error: GraphQLError): void => context?.reportError(error)],
};

/** Checked before anything runs, on HTTP and WebSocket alike. */
export const LIMIT_RULES: readonly ValidationRule[] = [
  maxDepthRule({ n: MOST.depth, flattenFragments: true, ...reported }),
  maxAliasesRule({ n: MOST.aliases, ...reported }),
  costLimitRule({ maxCost: MOST.cost, flattenFragments: true, ...reported }),
  rootFieldsRule,
];

function rootFieldsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const fields: string[] = [];
      collect(context, operation.selectionSet, fields, new Set());
      if (fields.length > MOST.rootFields) {
        const message = `A document may ask for ${MOST.rootFields} root fields; this one asks for more.`;
        context.reportError(new GraphQLError(message, { nodes: operation }));
        return;
      }
      const repeated = [...ONCE].find((name) => fields.filter((field) => field === name).length > 1);
      if (repeated === undefined) return;
      const message = `A document may ask for ${repeated} once.`;
      context.reportError(new GraphQLError(message, { nodes: operation }));
    },
  };
}

/** A fragment counts once: spread again, its fields merge with themselves. So hostile documents cost nothing either. */
function collect(
  context: ValidationContext,
  selections: SelectionSetNode,
  fields: string[],
  seen: Set<string>,
): void {
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      fields.push(selection.name.value);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(context, selection.selectionSet, fields, seen);
    } else {
      const name = selection.name.value;
      const fragment = context.getFragment(name);
      if (!fragment || seen.has(name)) continue;
      seen.add(name);
      collect(context, fragment.selectionSet, fields, seen);
    }
  }
}
