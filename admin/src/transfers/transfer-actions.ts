import type { TransferState, WaitReason } from "../generated/graphql.js";

/** What people do to a transfer; the names are the API's, without "Transfer". */
export type TransferAction = "pause" | "resume" | "retry" | "cancel";

export const ACTION_LABELS: Readonly<Record<TransferAction, string>> = {
  pause: "Pause",
  resume: "Resume",
  retry: "Retry",
  cancel: "Cancel",
};

interface Standing {
  state: TransferState;
  waitingFor?: WaitReason | null | undefined;
}

/** What makes sense now, the likeliest first. The server has the last word. */
export function actionsFor({ state, waitingFor }: Standing): readonly TransferAction[] {
  switch (state) {
    case "WAITING":
      return waitingFor === "RETRY" ? ["retry", "pause", "cancel"] : ["pause", "cancel"];
    case "QUEUED":
    case "RUNNING":
    case "VERIFYING":
      return ["pause", "cancel"];
    case "PAUSED":
      return ["resume", "cancel"];
    case "FAILED":
      return ["retry", "cancel"];
    case "DONE":
    case "CANCELLED":
      return [];
  }
}
