import type { Role } from "../kernel/context.js";

/** Lets one person make one account. */
export interface Invite {
  id: string;
  email: string;
  role: Role;
  /** The id of the account it makes: accounts have one id once, so an invitation is accepted once. */
  userId: string;
  /** SHA-256 of the token, hex: the token itself is only in the link. */
  tokenHash: string;
  /** The administrator's id. */
  invitedBy: string;
  createdAt: Date;
  expiresAt: Date;
}
