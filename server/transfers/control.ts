import type { TransferState } from "../kernel/progress.js";
import { DUE_STATES } from "./transfer.js";
import type { Transfer } from "./transfer.js";

/** What people do to a transfer. */
export type ControlAction = "pause" | "resume" | "cancel" | "retry";

interface Rule {
  /** The action changes something in these states. */
  from: readonly TransferState[];
  /** It was done already: the transfer is answered as it is. */
  already: readonly TransferState[];
}

/** Whatever is in neither list refuses the action. */
export const RULES: Readonly<Record<ControlAction, Rule>> = {
  pause: { from: DUE_STATES, already: ["PAUSED"] },
  resume: { from: ["PAUSED"], already: DUE_STATES },
  cancel: { from: [...DUE_STATES, "PAUSED", "FAILED"], already: ["CANCELLED"] },
  retry: { from: ["FAILED"], already: DUE_STATES },
};

/** Whether an action has had its effect by now. A transfer that never failed was not retried, though it moves. */
export function isDoneAlready(
  action: ControlAction,
  { state, wasRetried }: Pick<Transfer, "state" | "wasRetried">,
): boolean {
  return RULES[action].already.includes(state) && (action !== "retry" || wasRetried);
}

const ENDED: Readonly<Record<"DONE" | "CANCELLED", string>> = {
  DONE: "This transfer is done: its file is stored.",
  CANCELLED: "This transfer was cancelled and its bytes are gone.",
};

/** Why an action is refused in this state, and what to do instead. */
export function refusalOf(
  action: ControlAction,
  { state, isSafe }: Pick<Transfer, "state" | "isSafe">,
): string {
  if (state === "CANCELLED") return `${ENDED.CANCELLED} Upload the file again.`;
  if (action === "cancel" && (state === "DONE" || isSafe))
    return "The file is stored already. Archive and purge it to remove its bytes.";
  if (state === "DONE") return `${ENDED.DONE} There is nothing left to ${action}.`;
  if (state === "FAILED") return "This transfer failed. Retry it, or cancel it.";
  if (state === "PAUSED") return "This transfer is paused. Resume it.";
  if (action === "retry") return `This transfer is ${state}: it goes on by itself, and has not failed.`;
  return `This transfer is ${state}: it cannot be told to ${action} now. Try again.`;
}
