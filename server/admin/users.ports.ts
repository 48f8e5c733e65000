import type { StandingFence } from "../auth/auth.ports.js";
import type { User } from "../auth/user.js";
import type { FileState } from "../files/file.js";
import type { Page, PageRequest } from "../files/files.ports.js";
import type { Role } from "../kernel/context.js";

export interface UserFilter {
  /** What words of the name or of the e-mail address begin with. */
  search?: string;
  role?: Role;
  archived: boolean;
  /** Archived by this account. */
  archivedById?: string;
}

export type UserOrderField = "NAME" | "CREATED_AT" | "USAGE";

export interface UserOrder {
  field: UserOrderField;
  descending: boolean;
}

/** What administrators see of an account beside what its owner sees. */
export interface UserDetails {
  id: string;
  /** When the terms and the privacy notice were accepted; undefined for accounts that operators made. */
  consentedAt: Date | undefined;
  /** Sign-ins that have not ended. */
  sessionCount: number;
  /** When the newest of these sign-ins began. */
  lastSignInAt: Date | undefined;
  /** When one of these sign-ins was used last. */
  lastSeenAt: Date | undefined;
}

export interface UserChange {
  username?: string;
  email?: string;
  role?: Role;
}

/** What an account looked like to whoever decided on a change. */
export type SeenUser = Required<UserChange>;

export interface FileStateCount {
  state: FileState;
  files: number;
  sizeBytes: number;
}

/** A user's files by state. */
export interface UserFileStates {
  /** The user's. */
  id: string;
  states: FileStateCount[];
}

/** All accounts, for those who look after them. */
export interface UserDirectory {
  /** One page; found through an index whatever is asked for. */
  list(filter: UserFilter, order: UserOrder, page: PageRequest): Promise<Page<User>>;
  count(filter: UserFilter): Promise<number>;
  /** Missing ids are left out; the order is not kept. */
  details(ids: readonly string[]): Promise<UserDetails[]>;
  /** How many files and bytes of each of these users are in each state. */
  filesByState(userIds: readonly string[]): Promise<UserFileStates[]>;
  /**
   * Changes an account that is not archived, in one step.
   * @param onlyIf what the change has to find as it was: the standing, where the role changes, and what was seen
   * @returns the account before it; undefined when there is none, or something is not as it was
   * @throws AppError CONFLICT with the field `username` or `email` that is taken
   */
  change(
    id: string,
    change: UserChange,
    onlyIf?: Partial<StandingFence & SeenUser>,
  ): Promise<User | undefined>;
}
