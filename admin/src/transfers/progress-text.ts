import { formatBytes, formatDuration, percentOf } from "../display/format.js";
import type { Progress } from "./live-transfers.js";

/** What a stored Transfer and a live event have in common; speed and ETA come only live. */
export type ProgressView = Pick<Progress, "state" | "partsDone" | "partsTotal" | "bytesSent" | "bytesTotal"> &
  Partial<Pick<Progress, "bytesPerSecond" | "etaSeconds" | "waitingUntil" | "waitingFor" | "error">>;

/** Full only when the work is done, whatever the numbers say. */
export function transferPercent({ state, bytesSent, bytesTotal }: ProgressView): number {
  return state === "DONE" ? 100 : Math.min(99, percentOf(bytesSent, bytesTotal));
}

/** One line that says what the transfer is doing now. */
export function progressText(view: ProgressView, now: Date): string {
  switch (view.state) {
    case "QUEUED":
      return view.waitingFor === "TURN" ? "Waiting for its turn: earlier files go first" : "Queued";
    case "RUNNING":
      return join(onePart("Sending", view), `${transferPercent(view)} %`, speed(view), remaining(view));
    case "WAITING":
      return join(waiting(view, now), parts(view));
    case "PAUSED":
      return join("Paused", `${transferPercent(view)} %`, parts(view));
    case "VERIFYING":
      return onePart("Verifying", view);
    case "DONE":
      return stored(view);
    case "FAILED":
      return view.error?.message ?? "Failed";
    case "CANCELLED":
      return "Cancelled, and its bytes removed";
  }
}

function stored({ bytesTotal, partsTotal }: ProgressView): string {
  const where = partsTotal > 0 ? ` in ${partsTotal === 1 ? "1 part" : `${partsTotal} parts`}` : "";
  return `${formatBytes(bytesTotal)} stored${where}`;
}

/** What is waited for, and how long still; without a number once that time has come. */
function waiting({ waitingUntil, waitingFor, error }: ProgressView, now: Date): string {
  const seconds = waitingUntil ? Math.ceil((Date.parse(waitingUntil) - now.getTime()) / 1000) : 0;
  const left = seconds > 0 ? formatDuration(seconds) : undefined;
  switch (waitingFor ?? "FLOOD_LIMIT") {
    case "RETRY":
      return `${error?.message ?? "The last try failed."} ${left ? `Trying again in ${left}` : "Trying again"}`;
    case "PACE":
      return `${left ? `Next part in ${left}` : "Next part soon"}, to stay within Telegram's limits`;
    case "TURN":
      return "Waiting for its turn: earlier files go first";
    case "FLOOD_LIMIT":
      return left ? `Waiting ${left} for Telegram` : "Waiting for Telegram";
  }
}

/** The part under way, where the numbers count those that are done. */
function onePart(deed: string, { partsDone, partsTotal }: ProgressView): string {
  return partsTotal > 0 ? `${deed} part ${Math.min(partsDone + 1, partsTotal)} of ${partsTotal}` : deed;
}

function parts({ partsDone, partsTotal }: ProgressView): string {
  return partsTotal > 0 ? `part ${partsDone} of ${partsTotal}` : "";
}

function speed({ bytesPerSecond }: ProgressView): string {
  return bytesPerSecond ? `${formatBytes(bytesPerSecond)}/s` : "";
}

function remaining({ etaSeconds }: ProgressView): string {
  return etaSeconds === undefined || etaSeconds === null ? "" : `${formatDuration(etaSeconds)} left`;
}

function join(...pieces: string[]): string {
  return pieces.filter(Boolean).join(" · ");
}
