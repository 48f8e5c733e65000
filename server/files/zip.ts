import { badInput } from "../kernel/errors.js";
import type { File } from "./file.js";
import type { Folder } from "./folder.js";
import { markedName } from "./names.js";

const MAX_PATH_BYTES = 65_535;
/** What Windows refuses in names, what hides the direction of others, and what is no character at all. */
const UNSAFE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufffe\uffff<>:"|?*/\\]/gu;
/** Devices, to Windows, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)/i;

/** A place in a zip: a file's, or that of a folder in which nothing is (its path ends in a slash). */
export interface ZipEntry {
  path: string;
  modifiedAt: Date;
  file?: File;
}

/**
 * Where files go in a zip that has the folders below `root`, named so that every system can unpack them: doubled names
 * (also those that differ in case only) get a number.
 * @throws AppError BAD_USER_INPUT when the folders are nested deeper than a zip can tell
 */
export function layOut(root: Folder, folders: readonly Folder[], files: readonly File[]): ZipEntry[] {
  const foldersIn = grouped(folders, ({ parentId }) => parentId);
  const filesIn = grouped(files, ({ folderId }) => folderId);
  const entries: ZipEntry[] = [];
  const pending = [{ folder: root, prefix: "" }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder, prefix } = next;
    const unique = uniqueNames();
    const inside = byName(foldersIn.get(folder.id) ?? []);
    const members = byName(filesIn.get(folder.id) ?? []);
    for (const child of inside) {
      pending.push({ folder: child, prefix: checked(`${prefix}${unique(child.name)}/`) });
    }
    for (const file of members) entries.push(fileEntry(checked(`${prefix}${unique(file.name)}`), file));
    if (inside.length + members.length === 0 && folder !== root) {
      entries.push({ path: prefix, modifiedAt: folder.createdAt });
    }
  }
  return entries;
}

/** Where files go in a zip without folders. */
export function layFlat(files: readonly File[]): ZipEntry[] {
  const unique = uniqueNames();
  return files.map((file) => fileEntry(unique(file.name), file));
}

/** A name that every system takes for a plain name, and none for a path or a device. */
export function safeName(name: string): string {
  const clean = name
    .toWellFormed()
    .normalize("NFC")
    .replace(UNSAFE, "_")
    .replace(/[. ]+$/, (end) => "_".repeat(end.length));
  return clean === "" ? "_" : clean.replace(DEVICE, "_$&");
}

/** Gives each name out once. */
function uniqueNames(): (name: string) => string {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return (name) => {
    const wanted = markedName(safeName(name), "");
    let found = wanted;
    let n = counts.get(keyOf(wanted)) ?? 1;
    while (taken.has(keyOf(found))) found = markedName(wanted, ` (${(n += 1)})`);
    counts.set(keyOf(wanted), n);
    taken.add(keyOf(found));
    return found;
  };
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

function checked(entryPath: string): string {
  if (Buffer.byteLength(entryPath) <= MAX_PATH_BYTES) return entryPath;
  throw badInput("The folders in here are nested too deep for a zip. Download one of those inside.");
}

function fileEntry(entryPath: string, file: File): ZipEntry {
  return { path: entryPath, modifiedAt: file.createdAt, file };
}

function grouped<T>(things: readonly T[], keyOf: (thing: T) => string | undefined): Map<unknown, T[]> {
  const groups = new Map<unknown, T[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group === undefined) groups.set(keyOf(thing), [thing]);
    else group.push(thing);
  }
  return groups;
}

function byName<T extends { id: string; name: string }>(things: readonly T[]): T[] {
  const rank = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return things.toSorted((a, b) => rank(a.name, b.name) || rank(a.id, b.id));
}
