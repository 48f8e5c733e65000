import type { Tone } from "../display/tones.js";
import type { BulkDeed, BulkState } from "../generated/graphql.js";

/** What each deed is called: on a button, while it goes on, and of a file to which it was done. */
export const DEEDS: Record<BulkDeed, { verb: string; going: string; done: string }> = {
  ARCHIVE: { verb: "Archive", going: "Archiving", done: "archived" },
  RESTORE: { verb: "Restore", going: "Restoring", done: "restored" },
  PURGE: { verb: "Purge", going: "Purging", done: "being purged" },
};

export const RUN_STATES: Record<BulkState, { label: string; tone: Tone }> = {
  RUNNING: { label: "Under way", tone: "blue" },
  DONE: { label: "Done", tone: "green" },
  CANCELLED: { label: "Cancelled", tone: "grey" },
};
