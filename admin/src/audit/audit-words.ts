import type { AuditFilters, AuditRow } from "./audit.queries.js";

/** "user.role-changed" as people say it: "User role changed". */
export function actionWords(action: string): string {
  const words = action.replace(".", " ").replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who did it. */
export function actorWords({ actorKind, actorName }: Pick<AuditRow, "actorKind" | "actorName">): string {
  if (actorName != null) return actorName;
  return actorKind === "SYSTEM" ? "The service itself" : "Somebody not signed in";
}

/** What changed: "role: FREE → ADMIN"; a value that only came or only went stands alone. */
export function changeWords({ field, before, after }: AuditRow["changes"][number]): string {
  if (before == null) return `${field}: ${after ?? "nothing"}`;
  return `${field}: ${before} → ${after ?? "nothing"}`;
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
