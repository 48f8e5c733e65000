import { formatBytes, formatFiles } from "../display/format.js";
import type { UserDetails } from "./user.queries.js";

const GIB = 1024 ** 3;

/** Bytes as a form shows them. */
export function toGib(bytes: number | null | undefined): number | null {
  return bytes == null ? null : Number((bytes / GIB).toFixed(6));
}

export function fromGib(gib: number | null | undefined): number | null {
  return gib == null ? null : Math.round(gib * GIB);
}

/** A quota in words; a number that is absent has no limit. */
export function quotaWords({ bytes, files, fileBytes, transfers }: UserDetails["quota"]): string {
  return [
    bytes == null ? "no limit of bytes" : `${formatBytes(bytes)} in all`,
    files == null ? "any number of files" : formatFiles(files),
    fileBytes == null ? "files of any size" : `up to ${formatBytes(fileBytes)} a file`,
    transfers == null
      ? "any number of transfers at once"
      : `${transfers === 1 ? "1 transfer" : `${transfers} transfers`} at once`,
  ].join(", ");
}
