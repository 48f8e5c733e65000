import type { Progress } from "./live-transfers.js";
import { transferPercent } from "./progress-text.js";

/** What a screen reader hears of a step: half way, done, failed. Everything else would be chatter. */
export function announcement(name: string, before: Progress | undefined, now: Progress): string | undefined {
  if (now.state === before?.state) {
    const passedHalf =
      before.state === "RUNNING" && transferPercent(before) < 50 && transferPercent(now) >= 50;
    return passedHalf ? `${name}: 50 %` : undefined;
  }
  if (before === undefined) return undefined;
  if (now.state === "DONE") return `${name}: done`;
  if (now.state === "FAILED") return `${name}: failed. ${now.error?.message ?? ""}`.trim();
  if (now.state === "CANCELLED") return `${name}: cancelled`;
  if (now.state === "PAUSED") return `${name}: paused`;
  if (before.state === "PAUSED") return `${name}: resumed`;
  if (now.state === "WAITING" && now.waitingFor === "FLOOD_LIMIT") return `${name}: waiting for Telegram`;
  return undefined;
}
