import type { SignedInViewer } from "../kernel/context.js";
import type { AccountStore } from "./auth.ports.js";

/** Work that somebody started and that goes on without him. */
export interface StartedWork {
  id: string;
  startedById: string;
  /** From where he started it. */
  address?: string | undefined;
}

/** Whoever started it, with the rights that he has now; undefined when he has no active account any more. */
export async function actorOf(
  accounts: Pick<AccountStore, "find">,
  { id, startedById, address }: StartedWork,
): Promise<SignedInViewer | undefined> {
  const account = await accounts.find(startedById);
  if (account === undefined || account.archivedAt !== undefined) return undefined;
  const { id: userId, role } = account;
  return { kind: "user", userId, sessionId: id, role, ...(address === undefined ? {} : { address }) };
}
