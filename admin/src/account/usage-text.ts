import { formatBytes } from "../display/format.js";
import type { Tone } from "../display/tones.js";
import type { Usage } from "./usage.documents.js";

/** How full the fuller of the two is, from 0 to 100; undefined where neither has a limit. */
export function fullness({ bytesUsed, bytesReserved, fileCount, quota }: Usage): number | undefined {
  const shares = [shareOf(bytesUsed + bytesReserved, quota.bytes), shareOf(fileCount, quota.files)].filter(
    (share) => share !== undefined,
  );
  return shares.length === 0 ? undefined : Math.max(...shares);
}

export function toneOf(percent: number): Tone {
  if (percent >= 100) return "red";
  return percent >= 90 ? "orange" : "blue";
}

/** "1.2 GiB of 10.0 GiB in 12 of 10,000 files", as far as there are limits. */
export function usageText({ bytesUsed, fileCount, quota }: Usage): string {
  const bytes = formatBytes(bytesUsed) + (quota.bytes == null ? "" : ` of ${formatBytes(quota.bytes)}`);
  const count = fileCount.toLocaleString("en");
  if (quota.files == null) return `${bytes} in ${count} ${fileCount === 1 ? "file" : "files"}`;
  return `${bytes} in ${count} of ${quota.files.toLocaleString("en")} files`;
}

/** What is worth knowing beside that: what uploads have reserved, what the limits for one file and for transfers are. */
export function limitsText({ bytesReserved, quota }: Usage): string {
  const sentences = [
    bytesReserved > 0 && `${formatBytes(bytesReserved)} more are reserved for uploads under way.`,
    quota.fileBytes != null && `A file may be up to ${formatBytes(quota.fileBytes)}.`,
    quota.transfers != null &&
      `${quota.transfers === 1 ? "One transfer runs" : `${quota.transfers} transfers run`} at a time.`,
  ];
  return sentences.filter((sentence) => sentence !== false).join(" ");
}

function shareOf(used: number, limit: number | null | undefined): number | undefined {
  if (limit == null) return undefined;
  return limit === 0 ? 100 : Math.min(100, Math.floor((used / limit) * 100));
}
