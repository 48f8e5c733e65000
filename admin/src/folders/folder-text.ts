import { formatBytes, formatFiles } from "../display/format.js";
import type { FolderRow } from "./folder.queries.js";

/** "12 files · 3.4 MB" */
export function contentsText({ fileCount, size }: Pick<FolderRow, "fileCount" | "size">): string {
  return `${formatFiles(fileCount)} · ${formatBytes(size)}`;
}
