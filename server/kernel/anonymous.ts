import { newId } from "./ids.js";

const PREFIX = "anonymous:";
/** Between these lie all that `anonymousOwner` makes, and no account's id. */
export const ANONYMOUS_OWNERS = { from: PREFIX, before: "anonymous;" } as const;

/** Whom all uploads without an account count as where owners take turns. */
export const EVERYBODY_ANONYMOUS = "anonymous";

/**
 * Stands where an owner's id stands, for what one upload without an account brought. No account's id looks like it, so
 * it is nobody's but whoever's has its link; and each upload has one of its own, so none learns of another's names.
 */
export function anonymousOwner(): string {
  return `${PREFIX}${newId()}`;
}

export function isAnonymous(ownerId: string): boolean {
  return ownerId.startsWith(PREFIX) || ownerId === EVERYBODY_ANONYMOUS;
}

/** Whom an owner's transfers take turns as. */
export function turnsOf(ownerId: string): string {
  return isAnonymous(ownerId) ? EVERYBODY_ANONYMOUS : ownerId;
}

/** Whether the time of something without an owner is over: from then on it is out of everybody's reach, and purged. */
export function isOver({ expiresAt }: { expiresAt: Date | undefined }, now: Date): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}
