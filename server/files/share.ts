import { badInput } from "../kernel/errors.js";

export const SHARE_LINK_STATES = ["ACTIVE", "USED_UP", "EXPIRED", "REVOKED"] as const;
export type ShareLinkState = (typeof SHARE_LINK_STATES)[number];

/** What a link leads to. */
export interface ShareTarget {
  kind: "file" | "folder";
  id: string;
}

/** A way to a file or folder for whoever knows its address. It never changes but for being counted and revoked. */
export interface ShareLink {
  id: string;
  /** Random; with the server's key it makes the token in the address, which is never kept. */
  key: string;
  /** Whose thing it was when the link was made: the link reads what this person owns, and ends when it is handed over. */
  ownerId: string;
  target: ShareTarget;
  createdAt: Date;
  expiresAt: Date | undefined;
  passwordHash: string | undefined;
  maxDownloads: number | undefined;
  downloads: number;
  revokedAt: Date | undefined;
}

/** What a visitor did. */
export const SHARE_ACTIONS = ["OPENED", "UNLOCKED", "WRONG_PASSWORD", "FILE", "ZIP"] as const;
export type ShareAction = (typeof SHARE_ACTIONS)[number];

/** What one address did through a link within an hour, the same thing again and again being one entry. */
export interface ShareAccess {
  id: string;
  linkId: string;
  address: string;
  action: ShareAction;
  /** The file's name at that time, of FILE. */
  name: string | undefined;
  at: Date;
  lastAt: Date;
  times: number;
  /** Bytes that left the server. */
  bytes: number;
}

const MOST_DOWNLOADS = 1_000_000;

/** Whether a link opens, and why not. Archiving what it leads to is another matter: that can be undone. */
export function shareLinkState(link: ShareLink, now: Date): ShareLinkState {
  if (link.revokedAt !== undefined) return "REVOKED";
  if (link.expiresAt !== undefined && link.expiresAt <= now) return "EXPIRED";
  return link.maxDownloads !== undefined && link.downloads >= link.maxDownloads ? "USED_UP" : "ACTIVE";
}

/** @throws AppError BAD_USER_INPUT for an end that is not in the future, and for a cap below 1 or above a million */
export function checkShareLimits(
  { expiresAt, maxDownloads }: { expiresAt?: Date | undefined; maxDownloads?: number | undefined },
  now: Date,
): void {
  if (expiresAt !== undefined && expiresAt <= now) {
    throw badInput("A link must end in the future. Choose a later time.", "input", "expiresAt");
  }
  if (maxDownloads !== undefined && (maxDownloads < 1 || maxDownloads > MOST_DOWNLOADS)) {
    const message = `Allow 1 to ${MOST_DOWNLOADS} downloads, or leave the number out for no limit.`;
    throw badInput(message, "input", "maxDownloads");
  }
}
