import type { Viewer } from "../kernel/context.js";

/** A sign-in that can be listed, refreshed and ended. Its tokens are derived, never stored. */
export interface Session {
  id: string;
  userId: string;
  /** The account's credential epoch at sign-in. */
  credentialEpoch: number;
  /** Random, known to the database only: with the server's key it makes the refresh tokens. */
  seed: string;
  /** How often the refresh token was rotated; the token of any other count is old. */
  rotation: number;
  rotatedAt: Date;
  createdAt: Date;
  /** Kept to the minute. */
  lastUsedAt: Date;
  expiresAt: Date;
  userAgent: string | undefined;
  address: string;
}

/** Where a sign-in came from, kept so that its owner can recognise it. */
export interface SessionOrigin {
  address: string;
  userAgent: string | undefined;
}

/** Whoever does something signed out, such as following a mailed link. */
export function anonymousFrom({ address }: SessionOrigin): Viewer {
  return { kind: "anonymous", address };
}

const DAY = 24 * 60 * 60 * 1000;
const IDLE_MS = 30 * DAY;
const LIFETIME_MS = 90 * DAY;

const TOUCH_EVERY_MS = 60_000;

/** Whether a use of the session now is worth writing down. */
export function isTouchDue(session: Session, now: Date): boolean {
  return now.getTime() - session.lastUsedAt.getTime() >= TOUCH_EVERY_MS;
}

/** For how long the previous refresh token gives the same answer: a client whose answer was lost asks again. */
export const REFRESH_GRACE_MS = 10_000;

/** A session ends when it was not refreshed for 30 days, and 90 days after it began in any case. */
export function sessionExpiry(createdAt: Date, now: Date): Date {
  return new Date(Math.min(now.getTime() + IDLE_MS, createdAt.getTime() + LIFETIME_MS));
}

/** What a refresh token means for the session it names. */
export function refreshVerdict(
  session: Session,
  rotation: number,
  now: Date,
): "rotate" | "repeat" | "reused" {
  if (rotation === session.rotation) return "rotate";
  const inGrace = now.getTime() - session.rotatedAt.getTime() <= REFRESH_GRACE_MS;
  return rotation === session.rotation - 1 && inGrace ? "repeat" : "reused";
}
