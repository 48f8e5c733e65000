/** What being archived leaves on a thing: who did it, when and why. All undefined while it is not archived. */
export interface ArchiveMark {
  archivedAt: Date | undefined;
  /** The user who did it; undefined also when nobody did but a rule. */
  archivedById?: string | undefined;
  /** Done by an administrator to somebody else's thing: its owner cannot undo it. */
  archivedByAdmin?: boolean;
  archivedReason?: string | undefined;
  /** The archived folder that it is hidden with. */
  archivedWith?: string | undefined;
  /** Since when it is being removed for good: nobody sees it any more. */
  purgingAt?: Date | undefined;
}
