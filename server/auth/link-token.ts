import { createHash, randomBytes } from "node:crypto";

/** Makes the address of a console page that takes a mailed token. */
export type PageLink = (page: "reset-password" | "accept-invite" | "confirm-email", token: string) => string;

/** 256 random bits for a link. Only the hash is kept: whoever reads the database cannot follow the link. */
export function newLinkToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString("base64url");
  return { token, tokenHash: linkTokenHash(token) };
}

export function linkTokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
