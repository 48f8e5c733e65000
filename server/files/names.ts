import path from "node:path";
import { badInput } from "../kernel/errors.js";

/** What file systems and zip tools everywhere can hold. */
const MAX_NAME_BYTES = 255;
const MAX_DEPTH = 64;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * The name as it is kept: Unicode NFC, otherwise as the user wrote it.
 * @throws AppError BAD_USER_INPUT for what would not survive a download: separators, control characters, `.`, `..`
 */
export function cleanName(name: string, ...field: string[]): string {
  const clean = name.normalize("NFC");
  const refuse = (why: string): never => {
    throw badInput(`This name cannot be used: it ${why}.`, ...field);
  };
  if (clean.trim() === "") refuse("is empty");
  if (clean === "." || clean === "..") refuse("means a folder to every file system");
  if (/[/\\]/.test(clean)) refuse("contains / or \\");
  if (CONTROL.test(clean)) refuse("contains a control character");
  if (!clean.isWellFormed()) refuse("is not valid Unicode");
  if (Buffer.byteLength(clean) > MAX_NAME_BYTES) refuse(`is longer than ${MAX_NAME_BYTES} bytes`);
  return clean;
}

/**
 * Splits a relative path such as `holiday/day 1/a.jpg` into its folders and its name.
 * @throws AppError BAD_USER_INPUT for absolute paths, empty segments, `.`, `..` and names that cannot be kept
 */
export function splitPath(path: string, ...field: string[]): { folders: string[]; name: string } {
  const segments = path.split("/");
  if (segments.length > MAX_DEPTH) throw badInput(`This path has more than ${MAX_DEPTH} levels.`, ...field);
  const clean = segments.map((segment) => cleanName(segment, ...field));
  return { folders: clean.slice(0, -1), name: clean.at(-1) ?? "" };
}

/** What two names have in common that count as the same: their letters, without regard to case. */
export function nameKey(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** `a.txt` and ` (2)` make `a (2).txt`; the stem gives way when that is too long. */
export function markedName(name: string, mark: string): string {
  const { name: stem, ext } = path.posix.parse(name);
  const ending = Buffer.byteLength(ext) < MAX_NAME_BYTES / 2 ? ext : "";
  const characters = [...(ending === "" ? name : stem)];
  const fits = (): boolean => Buffer.byteLength(characters.join("") + mark + ending) <= MAX_NAME_BYTES;
  while (!fits()) characters.pop();
  return characters.join("") + mark + ending;
}

/**
 * The name with the lowest number that is free, or nearly: `a (2).txt` for `a.txt`. It asks a few times also where
 * thousands are taken, so a gap among them may stay unused. Somebody may take the name before it is used.
 */
export async function freeName(
  name: string,
  isTaken: (candidate: string) => Promise<boolean>,
): Promise<string> {
  const numbered = (n: number): string => markedName(name, ` (${n})`);
  let taken = 1;
  let free = 2;
  while (await isTaken(numbered(free))) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2);
    if (await isTaken(numbered(middle))) taken = middle;
    else free = middle;
  }
  return numbered(free);
}
