import type { Page, PageRequest } from "./files.ports.js";
import type { ShareAccess, ShareLink, ShareTarget } from "./share.js";

export interface ShareLinkFilter {
  ownerId?: string;
  target?: ShareTarget;
}

export interface ShareLinkStore {
  insert(link: ShareLink): Promise<void>;
  find(id: string): Promise<ShareLink | undefined>;
  findByKey(key: string): Promise<ShareLink | undefined>;
  /** Newest first. */
  list(filter: ShareLinkFilter, page: PageRequest): Promise<Page<ShareLink>>;
  count(filter: ShareLinkFilter): Promise<number>;
  /** The links to these things that are neither revoked nor expired, newest first. */
  workingTo(targetIds: readonly string[], now: Date): Promise<ShareLink[]>;
  /** Safe to repeat: the first time stays. @returns undefined when it is missing */
  revoke(id: string, at: Date): Promise<ShareLink | undefined>;
  /**
   * Counts one download in one atomic step.
   * @returns false when the link is revoked, or its cap is reached: nothing was counted then
   */
  countDownload(link: Pick<ShareLink, "id" | "maxDownloads">): Promise<boolean>;
  /** Uncounts a download of which not a byte left the server. */
  takeBackDownload(id: string): Promise<void>;
  /** Forgets all links to these things, and what their visitors did. Safe to repeat. */
  removeTo(targetIds: readonly string[]): Promise<void>;
  /** Forgets all links to what somebody has, as `removeTo` does. */
  removeAllOf(ownerId: string): Promise<void>;
}

/** Keeps what visitors did, for 90 days. */
export interface ShareAccessStore {
  /** Adds an entry, or adds to the one of the same address, action and name in the same hour. */
  record(access: Pick<ShareAccess, "linkId" | "address" | "action" | "name" | "bytes">): Promise<void>;
  /** Newest first. */
  list(linkId: string, page: PageRequest): Promise<Page<ShareAccess>>;
  count(linkId: string): Promise<number>;
}

/** Makes and checks what is seen of a link from outside. Nothing of it can be made without the server's secret. */
export interface ShareKeys {
  /** A new link's key: random, and of no use by itself. */
  newKey(): string;
  /** The token in a link's address; always the same for one key. */
  tokenOf(key: string): string;
  /** @returns undefined for anything that `tokenOf` did not make */
  keyOf(token: string): string | undefined;
  /** Hides an id, or a cursor, from the visitors of one link; the same text always looks the same there. */
  seal(key: string, text: string): string;
  /** @returns undefined for anything that `seal` did not make for this link */
  unseal(key: string, sealed: string): string | undefined;
  /** Proof that a visitor may do something through a link until a time. */
  grant(key: string, what: string, until: Date): string;
  isGrant(key: string, what: string, grant: string, now: Date): boolean;
}
