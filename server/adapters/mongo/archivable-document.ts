import { prop } from "@typegoose/typegoose";
import type { ArchiveMark } from "../../kernel/archived.js";

/** What documents of things that can be archived and purged have in common. */
export class ArchivableDocument {
  @prop({ type: () => Date }) archivedAt?: Date;
  @prop({ type: () => String }) archivedById?: string;
  @prop({ type: () => Boolean }) archivedByAdmin?: boolean;
  @prop({ type: () => String }) archivedReason?: string;
  @prop({ type: () => String }) archivedWith?: string;
  @prop({ type: () => Date }) purgingAt?: Date;
  /** Who asked for the purge; absent for a rule. */
  @prop({ type: () => String }) purgeById?: string;
  /** The folder or user whose purge it is part of. */
  @prop({ type: () => String }) purgeParentId?: string;
  /** A user's purge: who gets the files. */
  @prop({ type: () => String }) handOverTo?: string;
  /** Until the purge has a document of its own: when a sweep makes it. */
  @prop({ type: () => Date }) openPurgeBy?: Date;
}

export function toArchiveMark(document: ArchivableDocument): ArchiveMark {
  return {
    archivedAt: document.archivedAt,
    archivedById: document.archivedById,
    archivedByAdmin: document.archivedByAdmin ?? false,
    archivedReason: document.archivedReason,
    archivedWith: document.archivedWith,
    purgingAt: document.purgingAt,
  };
}
