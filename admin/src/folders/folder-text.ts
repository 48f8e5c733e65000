import { formatBytes } from "../display/format.js";
import type { FolderRow } from "./folder.queries.js";

/** "12 files · 3.4 MB" */
export function contentsText({ fileCount, size }: Pick<FolderRow, "fileCount" | "size">): string {
  return `${fileCount === 1 ? "1 file" : `${fileCount} files`} · ${formatBytes(size)}`;
}
