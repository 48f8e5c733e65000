import type { PlacedThings } from "./place.calls.js";

/** Nobody else's drags have it. */
export const DRAG_TYPE = "application/x-telestash-things";

/** What links to files and folders say about themselves, for whoever drags them or drops something on their row. */
export const THING = "data-thing";
/** Of the link to where no folder is. */
export const TOP = "top";

export interface Place {
  /** null: the top. */
  folderId: string | null;
  /** Its row, tile or link. */
  element: Element;
}

const RESOURCES: Record<string, PlacedThings["kind"]> = { files: "file", folders: "folder" };
const ROW = "tr, li";

/** The mark of the link to a record; undefined for what has no place. */
export function thingMark(resource: string, id: string): string | undefined {
  const kind = RESOURCES[resource];
  return kind && `${kind}:${id}`;
}

/** The thing whose link is dragged, with all that are selected beside it if it is. */
export function draggedFrom(target: EventTarget | null): PlacedThings | undefined {
  const link = target instanceof Element ? target.closest(`a[${THING}]`) : null;
  const thing = link && thingOf(link);
  if (!link || !thing) return undefined;
  const row = link.closest(ROW);
  const rows = [...(row?.parentElement?.children ?? [])].filter(isSelected);
  const all = row && isSelected(row) ? rows.map((one) => thingIn(one)) : [thing];
  const ids = all.filter((one) => one?.kind === thing.kind).map((one) => one?.id ?? "");
  return { kind: thing.kind, ids, what: link.textContent };
}

/** The folder that something is over: its link, or the row or tile that the link is in. */
export function placeAt(target: EventTarget | null): Place | undefined {
  if (!(target instanceof Element)) return undefined;
  const element = target.closest(`a[${THING}]`) ?? target.closest(ROW);
  if (!element) return undefined;
  const link = element.matches("a") ? element : element.querySelector(`a[${THING}]`);
  if (link?.getAttribute(THING) === TOP) return { folderId: null, element };
  const thing = link && thingOf(link);
  return thing?.kind === "folder" ? { folderId: thing.id, element } : undefined;
}

/** Nothing is moved into itself. */
export function isPlaceFor(things: PlacedThings | undefined, { folderId }: Place): boolean {
  return things !== undefined && (folderId === null || !things.ids.includes(folderId));
}

function isSelected(row: Element): boolean {
  return row.querySelector("input[type=checkbox]:checked") !== null;
}

function thingIn(row: Element) {
  const link = row.querySelector(`a[${THING}]`);
  return link ? thingOf(link) : undefined;
}

function thingOf(link: Element): { kind: PlacedThings["kind"]; id: string } | undefined {
  const [kind, id] = (link.getAttribute(THING) ?? "").split(":");
  return (kind === "file" || kind === "folder") && id !== undefined ? { kind, id } : undefined;
}
