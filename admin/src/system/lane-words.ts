import { formatDuration } from "../display/format.js";
import type { Tone } from "../display/tones.js";
import type { LaneHealthRow, LaneRow } from "./system.calls.js";

interface Look {
  label: string;
  tone: Tone;
}

/** How a lane is now. */
export function laneLook(
  { blockedUntil, nextFreeAt }: Pick<LaneRow, "blockedUntil" | "nextFreeAt">,
  now: Date,
): Look {
  if (blockedUntil != null && Date.parse(blockedUntil) > now.getTime()) {
    return { label: `Blocked for ${until(blockedUntil, now)}`, tone: "red" };
  }
  if (Date.parse(nextFreeAt) > now.getTime()) {
    return { label: `Next slot in ${until(nextFreeAt, now)}`, tone: "amber" };
  }
  return { label: "Free", tone: "green" };
}

/** What a bot may do in a chat: "may post and delete, not pin". */
export function rightsWords(health: Pick<LaneHealthRow, "mayPost" | "mayDelete" | "mayPin">): string {
  const rights = { post: health.mayPost, delete: health.mayDelete, pin: health.mayPin };
  const named = (wanted: boolean) =>
    Object.entries(rights)
      .filter(([, may]) => may === wanted)
      .map(([right]) => right)
      .join(", ");
  const may = named(true);
  const mayNot = named(false);
  return [...(may ? [`may ${may}`] : []), ...(mayNot ? [`may not ${mayNot}`] : [])].join("; ");
}

function until(date: string, now: Date): string {
  return formatDuration((Date.parse(date) - now.getTime()) / 1000);
}
