import type {
  FileState,
  FolderState,
  PurgeState,
  ShareLinkState,
  TransferState,
} from "../generated/graphql.js";

export type Tone = "green" | "blue" | "amber" | "orange" | "red" | "grey";

/** Text and background of a tone, each pair at least 4.5 : 1; `bar` is for progress bars. */
export const TONES: Record<"light" | "dark", Record<Tone, { text: string; fill: string; bar: string }>> = {
  light: {
    green: { text: "#11602a", fill: "#dff3e4", bar: "#258a48" },
    blue: { text: "#174ea6", fill: "#e0ebfd", bar: "#2a6fdb" },
    amber: { text: "#744700", fill: "#fdf0d0", bar: "#b27a00" },
    orange: { text: "#8f3400", fill: "#ffe5d6", bar: "#cf5a14" },
    red: { text: "#a31515", fill: "#fde4e3", bar: "#c93131" },
    grey: { text: "#48515f", fill: "#e8ebf0", bar: "#6c7686" },
  },
  dark: {
    green: { text: "#8fdba4", fill: "#173523", bar: "#4fbf73" },
    blue: { text: "#a5c8ff", fill: "#1b2f4d", bar: "#6ea5f7" },
    amber: { text: "#f5cf7a", fill: "#3b2e10", bar: "#dba83a" },
    orange: { text: "#ffb48a", fill: "#42230f", bar: "#ee8447" },
    red: { text: "#ffb3ae", fill: "#471c1b", bar: "#ee6b66" },
    grey: { text: "#c3cad4", fill: "#2b323c", bar: "#8d98a8" },
  },
};

interface Look {
  label: string;
  tone: Tone;
}

export const FILE_STATES: Record<FileState, Look> = {
  RECEIVING: { label: "Receiving", tone: "grey" },
  STAGED: { label: "Staged", tone: "blue" },
  TRANSFERRING: { label: "Transferring", tone: "blue" },
  STORED: { label: "Stored", tone: "green" },
  DEGRADED: { label: "Degraded", tone: "orange" },
  FAILED: { label: "Failed", tone: "red" },
  CANCELLED: { label: "Cancelled", tone: "grey" },
  LOST: { label: "Lost", tone: "red" },
};

export const TRANSFER_STATES: Record<TransferState, Look> = {
  QUEUED: { label: "Queued", tone: "grey" },
  RUNNING: { label: "Running", tone: "blue" },
  WAITING: { label: "Waiting", tone: "amber" },
  PAUSED: { label: "Paused", tone: "grey" },
  VERIFYING: { label: "Verifying", tone: "blue" },
  DONE: { label: "Done", tone: "green" },
  FAILED: { label: "Failed", tone: "red" },
  CANCELLED: { label: "Cancelled", tone: "grey" },
};

export const FOLDER_STATES: Record<FolderState, Look> = {
  EMPTY: { label: "Empty", tone: "grey" },
  TRANSFERRING: { label: "Transferring", tone: "blue" },
  STORED: { label: "Stored", tone: "green" },
  PARTIAL: { label: "Partial", tone: "orange" },
  FAILED: { label: "Failed", tone: "red" },
};

export const SHARE_LINK_STATES: Record<ShareLinkState, Look> = {
  ACTIVE: { label: "Active", tone: "green" },
  USED_UP: { label: "Used up", tone: "amber" },
  EXPIRED: { label: "Expired", tone: "grey" },
  REVOKED: { label: "Revoked", tone: "grey" },
};

export const PURGE_STATES: Record<PurgeState, Look> = {
  PENDING: { label: "Under way", tone: "amber" },
  DONE: { label: "Removed", tone: "green" },
  FAILED: { label: "Tried again", tone: "red" },
};

/** Choices of a state filter, as react-admin inputs want them. */
export function choicesOf(states: Record<string, Look>): { id: string; name: string }[] {
  return Object.entries(states).map(([id, { label }]) => ({ id, name: label }));
}
