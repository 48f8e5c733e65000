import type { Viewer } from "./context.js";

export interface AuditTarget {
  kind:
    | "user"
    | "session"
    | "invite"
    | "file"
    | "folder"
    | "transfer"
    | "purge"
    | "bulk-run"
    | "share-link"
    | "job"
    | "lane";
  id: string;
  /** What people call it, as it was at that time. */
  name?: string;
}

/** Something that an administrator did, or that concerns the safety of an account. */
export interface AuditEntry {
  /** `noun.verb` in the past tense, such as `user.archived`. */
  action: `${string}.${string}`;
  target?: AuditTarget;
  /** The fields that changed, with their old and new values. Never a password, a token or a hash. */
  before?: Readonly<Record<string, string | number | boolean | null>>;
  after?: Readonly<Record<string, string | number | boolean | null>>;
  reason?: string;
}

/** Keeps entries for ever, in order; nothing changes or removes one. */
export interface AuditTrail {
  /**
   * Adds an entry with the time, the actor and the actor's address. Call it when the action has happened.
   * A failure is logged and does not undo or refuse what has happened.
   * @param actor "system" for what no request asked for
   */
  record(actor: Viewer | "system", entry: AuditEntry): Promise<void>;
}
