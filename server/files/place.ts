/** Where a file lies, and under which name. */
export interface Place {
  name: string;
  /** Undefined: at the top. */
  folderId: string | undefined;
}

/** What happens when another file has that name there. */
export const NAME_CONFLICTS = ["FAIL", "RENAME", "REPLACE"] as const;
export type NameConflict = (typeof NAME_CONFLICTS)[number];

/** Where a file is meant to go: written onto it first, so that a sweep finishes what a process left half done. */
export interface PlaceClaim extends Place {
  onConflict: NameConflict;
  /** Who archives a file that is replaced; undefined for the owner. */
  byId?: string | undefined;
  byAdmin: boolean;
}

/** A file on its way to a place. `run` names the claim: a later one is another. */
export interface ClaimedFile {
  fileId: string;
  ownerId: string;
  run: string;
  claim: PlaceClaim;
}
