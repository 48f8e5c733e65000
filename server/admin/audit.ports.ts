import type { Page, PageRequest } from "../files/files.ports.js";
import type { AuditEntry } from "../kernel/audit.js";

/** An entry as it was kept. */
export interface AuditRecord extends AuditEntry {
  id: string;
  at: Date;
  actorKind: "system" | "anonymous" | "user";
  actorId: string | undefined;
  /** The actor's user name at that time. */
  actorName: string | undefined;
  address: string | undefined;
}

export interface AuditFilter {
  actorId?: string;
  targetId?: string;
  action?: string;
  /** At or after this time. */
  after?: Date;
  /** Before this time. */
  before?: Date;
}

/** Reads what the audit trail keeps. There is no way to change it. */
export interface AuditLog {
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>>;
  count(filter: AuditFilter): Promise<number>;
  /** All that match, oldest first, read as they are asked for. Ends when the loop over it ends. */
  stream(filter: AuditFilter): AsyncIterable<AuditRecord>;
  /** The actions that occur, sorted. */
  actions(): Promise<string[]>;
}
