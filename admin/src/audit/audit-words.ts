import { formatBytes } from "../display/format.js";
import type { Role } from "../generated/graphql.js";
import { ROLES } from "../users/roles.js";
import type { AuditFilters, AuditRow } from "./audit.queries.js";

/** What the rule for the others would say clumsily. */
const ACTIONS: Readonly<Record<string, string>> = {
  "files.archive-run-started": "Archiving of many files started",
  "files.restore-run-started": "Restoring of many files started",
  "files.purge-run-started": "Purging of many files started",
  "files.run-cancelled": "Bulk run cancelled",
  "invite.made": "Invitation made",
  "invite.revoked": "Invitation revoked",
  "invite.accepted": "Invitation accepted",
  "session.others-revoked": "Other sessions ended",
};

/** "user.role-changed" as people say it: "User role changed". */
export function actionWords(action: string): string {
  const known = ACTIONS[action];
  if (known !== undefined) return known;
  const words = action.replace(".", " ").replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who did it. */
export function actorWords({ actorKind, actorName }: Pick<AuditRow, "actorKind" | "actorName">): string {
  if (actorName != null) return actorName;
  return actorKind === "SYSTEM" ? "the service itself" : "somebody not signed in";
}

type Change = AuditRow["changes"][number];

const FIELDS: Readonly<Record<string, string>> = {
  email: "e-mail",
  username: "user name",
  bytes: "all files together",
  fileBytes: "largest file",
  transfers: "transfers at once",
  targetKind: "leads to a",
  targetId: "its id",
  hasPassword: "password",
  ownerRole: "owner's role",
  archivedById: "archived by",
};
const IS_BYTES: readonly string[] = ["bytes", "fileBytes"];
const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** What changed: "role: Free → Administrator"; a value that only came or only went stands alone. */
export function changeWords({ field, before, after }: Change): string {
  const name = FIELDS[field] ?? field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (before == null) return `${name}: ${valueWords(field, after)}`;
  return `${name}: ${valueWords(field, before)} → ${valueWords(field, after)}`;
}

/** Changes worth reading: not of what was and is nothing, nor that something archived is archived. */
export function toldChanges({ action, changes }: Pick<AuditRow, "action" | "changes">): Change[] {
  const isSaid = ({ field }: Change) => field === "archived" && /\.(archived|restored)$/.test(action);
  return changes.filter((one) => !isSaid(one) && (one.before != null || one.after != null));
}

function valueWords(field: string, value: string | null | undefined): string {
  if (value == null) return "none";
  if (field === "role" || field === "ownerRole") return isRole(value) ? ROLES[value].label : value;
  if (value === "true" || value === "false") return value === "true" ? "yes" : "no";
  if (IS_BYTES.includes(field) && Number.isFinite(Number(value))) return formatBytes(Number(value));
  return MOMENT.test(value)
    ? new Date(value).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })
    : value;
}

function isRole(value: string): value is Role {
  return value in ROLES;
}

/** What an empty list says: each filter in words. */
export function noEntries({ action, actorId, targetId, from, until }: AuditFilters): string {
  const what = action === undefined ? "Nothing was done" : `“${actionWords(action)}” did not happen`;
  const words = [
    ...(targetId ? [`to ${targetId}`] : []),
    ...(actorId ? ["by this user"] : []),
    ...(from ? [`from ${from} on`] : []),
    ...(until ? [`until ${until}`] : []),
  ];
  return `${[what, ...words].join(" ")}.`;
}
