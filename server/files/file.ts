import { isOver } from "../kernel/anonymous.js";
import { gone } from "../kernel/errors.js";
import type { ArchiveMark } from "../kernel/archived.js";

export const FILE_STATES = [
  "RECEIVING",
  "STAGED",
  "TRANSFERRING",
  "STORED",
  "DEGRADED",
  "FAILED",
  "CANCELLED",
  "LOST",
] as const;
export type FileState = (typeof FILE_STATES)[number];

/** A name for a Blob, with an owner or none. */
export interface File extends ArchiveMark {
  id: string;
  name: string;
  sizeBytes: number;
  /** As the client declared it, or guessed from the name. Never trusted when bytes are served. */
  mimeType: string;
  /** Lower-case hex; set from STAGED on. */
  sha256: string | undefined;
  state: FileState;
  createdAt: Date;
  /** An account's id; for what came without an account, what `anonymousOwner` made. */
  ownerId: string;
  /** Without an owner it lasts until then. */
  expiresAt: Date | undefined;
  folderId: string | undefined;
  blobId: string;
  transferId: string | undefined;
}

const KINDS = ["application", "audio", "font", "image", "message", "model", "text", "video"];

/** The first half of a MIME type, for counting; `other` for what clients make up. */
export function kindOf(mimeType: string): string {
  const [kind = ""] = mimeType.toLowerCase().split("/", 1);
  return KINDS.includes(kind) ? kind : "other";
}

/** Whether its bytes are here, in the staging area or in Telegram. */
export function hasBytes({ state }: Pick<File, "state">): boolean {
  return state !== "RECEIVING" && state !== "CANCELLED" && state !== "LOST";
}

/** Whether it is going to be stored, if nothing goes wrong. */
export function isOnItsWay({ state }: Pick<File, "state">): boolean {
  return state === "RECEIVING" || state === "STAGED" || state === "TRANSFERRING";
}

/** @throws AppError GONE when it has no owner and its time is over */
export function refuseOver(thing: { expiresAt: Date | undefined }): void {
  if (!isOver(thing, new Date())) return;
  throw gone(
    "This was uploaded without an account, to be kept until its time was over. It is not there any more.",
  );
}
