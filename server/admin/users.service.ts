import { randomBytes } from "node:crypto";
import type { AccountStore, AdministratorGuard, PasswordHasher, StandingFence } from "../auth/auth.ports.js";
import type { IssuedLink, PasswordResetService } from "../auth/password-reset.service.js";
import { checkEmail, checkUsername } from "../auth/user.js";
import type { User } from "../auth/user.js";
import { underInput } from "../auth/account.service.js";
import type { Page, PageRequest } from "../files/files.ports.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { Role, Viewer } from "../kernel/context.js";
import { AppError, badInput, conflict, notFound } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import { requireAdministrator } from "./administrator.js";
import type { SeenUser, UserChange, UserDirectory, UserFilter, UserOrder } from "./users.ports.js";

const CALLED = {
  username: "the user name",
  email: "the e-mail address",
  role: "the role",
} as const satisfies { [name in keyof SeenUser]: string };

export interface NewUser {
  username: string;
  email: string;
  role: Role;
}

/** Accounts, as administrators look after them. Nobody chooses a password for somebody else. */
export class UsersService {
  constructor(
    private readonly ports: {
      accounts: AccountStore;
      directory: UserDirectory;
      administrators: AdministratorGuard;
      resets: PasswordResetService;
      hasher: PasswordHasher;
      audit: AuditTrail;
    },
  ) {}

  async list(viewer: Viewer, filter: UserFilter, order: UserOrder, page: PageRequest): Promise<Page<User>> {
    requireAdministrator(viewer);
    return this.ports.directory.list(filter, order, page);
  }

  async count(viewer: Viewer, filter: UserFilter): Promise<number> {
    requireAdministrator(viewer);
    return this.ports.directory.count(filter);
  }

  /** @throws AppError NOT_FOUND */
  async get(viewer: Viewer, id: string): Promise<User> {
    requireAdministrator(viewer);
    const account = await this.ports.accounts.find(id);
    if (account === undefined) throw notFound("User");
    return account;
  }

  /**
   * Makes an account whose owner chooses the password through a link.
   * @throws AppError BAD_USER_INPUT or CONFLICT with the field at fault
   */
  async create(viewer: Viewer, input: NewUser): Promise<{ user: User; link: IssuedLink }> {
    requireAdministrator(viewer);
    const username = checkUsername(input.username, "input", "username");
    const email = checkEmail(input.email, "input", "email");
    // Nobody knows this password: the link is the only way in.
    const passwordHash = await this.ports.hasher.hash(randomBytes(32).toString("base64url"));
    const facts = { id: newId(), username, email, role: input.role, passwordHash };
    const user = await this.ports.accounts
      .insert({ ...facts, createdAt: new Date(), consentedAt: undefined })
      .catch((error: unknown) => {
        throw underInput(error);
      });
    const after = { username, email, role: input.role };
    await this.ports.audit.record(viewer, { action: "user.created", target: targetOf(user), after });
    return { user, link: await this.ports.resets.invite(user) };
  }

  /**
   * Changes name, address or role, all or nothing. A changed address ends the reset link that the old one may hold.
   * @param seen what the account looked like when this was decided; absent: whatever it looks like now
   * @throws AppError NOT_FOUND; BAD_USER_INPUT, CONFLICT with the field at fault; CONFLICT when it does not look as
   * seen any more, it is archived, or the last administrator would be none any more
   */
  async update(viewer: Viewer, id: string, change: UserChange, seen?: SeenUser): Promise<User> {
    const user = await this.get(viewer, id);
    refuseUnlessAsSeen(user, seen);
    const wanted = changed(user, change);
    if (Object.keys(wanted).length === 0) return user;
    const before = await this.write(id, wanted, seen).catch((error: unknown) => {
      throw underInput(error);
    });
    if (before === undefined) throw conflict("This account is gone. Load the list again.");
    if (wanted.email !== undefined) await this.ports.resets.revoke(id);
    await this.recordChange(viewer, before, wanted);
    return this.get(viewer, id);
  }

  /**
   * Sends the user a link for a new password, or answers with it when there is no mail server.
   * @throws AppError NOT_FOUND; CONFLICT when the account is archived; UNAVAILABLE when the mail cannot be handed over
   */
  async startPasswordReset(viewer: Viewer, id: string): Promise<IssuedLink> {
    const user = await this.get(viewer, id);
    if (user.archivedAt !== undefined) {
      throw conflict("This account is archived. Restore it before its password can be changed.");
    }
    const link = await this.ports.resets.issue(user);
    await this.ports.audit.record(viewer, {
      action: "user.password-reset-started",
      target: targetOf(user),
      after: { mailed: link.url === undefined },
    });
    return link;
  }

  /** One update for all of it: of a role and a name either both change or neither. */
  private write(id: string, change: UserChange, seen: SeenUser | undefined): Promise<User | undefined> {
    const unlessChanged = async (fence?: StandingFence): Promise<User | undefined> => {
      const before = await this.ports.directory.change(id, change, { ...fence, ...seen });
      // Whoever was faster may have left it archived, or looking otherwise.
      if (before === undefined) refuseUnlessAsSeen(await this.ports.accounts.find(id), seen);
      return before;
    };
    return change.role === undefined
      ? unlessChanged()
      : this.ports.administrators.keepingOne(id, unlessChanged);
  }

  private async recordChange(viewer: Viewer, before: User, change: UserChange): Promise<void> {
    const { role, ...rest } = change;
    const target = targetOf(before);
    if (role !== undefined) {
      const entry = { before: { role: before.role }, after: { role } };
      await this.ports.audit.record(viewer, { action: "user.role-changed", target, ...entry });
    }
    if (Object.keys(rest).length > 0) {
      const entry = { before: valuesOf(before, rest), after: { ...rest } };
      await this.ports.audit.record(viewer, { action: "user.updated", target, ...entry });
    }
  }
}

/** @throws AppError CONFLICT when the account is archived, or somebody changed it since it was seen */
function refuseUnlessAsSeen(user: User | undefined, seen: SeenUser | undefined): void {
  if (user === undefined) return;
  if (user.archivedAt !== undefined) {
    throw conflict("This account is archived. Restore it before you change it.");
  }
  if (seen === undefined) return;
  const names = (Object.keys(CALLED) as (keyof SeenUser)[]).filter((name) => user[name] !== seen[name]);
  if (names.length === 0) return;
  const words = names.map((name) => `${CALLED[name]} is ${user[name]} now`).join(", and ");
  const message = `Somebody else changed this account meanwhile: ${words}. Load it again before you change it.`;
  const nowIs = names.map((name) => ({ field: ["input", name], now: user[name] }));
  throw new AppError("CONFLICT", message, { changed: nowIs });
}

/** Checks what was filled in, and leaves out what stays as it is. */
function changed(user: User, change: UserChange): UserChange {
  const { username, email, role } = change;
  if (username === undefined && email === undefined && role === undefined) {
    throw badInput("Say what to change: a user name, an e-mail address or a role.", "input");
  }
  return {
    ...(username !== undefined &&
      username !== user.username && { username: checkUsername(username, "input", "username") }),
    ...(email !== undefined && email !== user.email && { email: checkEmail(email, "input", "email") }),
    ...(role !== undefined && role !== user.role && { role }),
  };
}

function valuesOf(user: User, { username, email }: UserChange): Record<string, string> {
  return {
    ...(username !== undefined && { username: user.username }),
    ...(email !== undefined && { email: user.email }),
  };
}

function targetOf({ id, username }: User): { kind: "user"; id: string; name: string } {
  return { kind: "user", id, name: username };
}
