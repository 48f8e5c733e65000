import { getModelForClass } from "@typegoose/typegoose";
import type { Connection, QueryFilter } from "mongoose";
import type { AccountStore, StandingFence } from "../../auth/auth.ports.js";
import { QUOTA_NAMES, changedQuota } from "../../auth/quota.js";
import type { OwnQuota, Quota, QuotaChange } from "../../auth/quota.js";
import type { Account, NewAccount, User } from "../../auth/user.js";
import { emailKey, usernameKey } from "../../auth/user.js";
import { ROLES } from "../../kernel/context.js";
import { conflict } from "../../kernel/errors.js";
import { together } from "../../kernel/loading.js";
import { deriveMissing } from "./derive-missing.js";
import { literals } from "./literals.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import { dropUnwanted } from "./unwanted-indexes.js";
import { UserDocument, emailFacts, toAccount, usernameFacts } from "./user-document.js";
import type { UserModel } from "./user-document.js";
import { DERIVED } from "./user-lists.js";

export class MongoAccounts implements AccountStore {
  private readonly model: UserModel;

  constructor(connection: Connection) {
    this.model = getModelForClass(UserDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
    await dropUnwanted(this.model);
    await deriveMissing<UserDocument>(this.model.collection, {
      missing: { role: { $in: [...ROLES] }, shown: null },
      from: ["username", "email"],
      facts: ({ username, email }) => ({ ...usernameFacts(username), ...emailFacts(email) }),
      derived: DERIVED,
    });
  }

  async insert(account: NewAccount): Promise<User> {
    const { id, username, email, consentedAt, ...rest } = account;
    const facts = {
      ...rest,
      ...usernameFacts(username),
      ...emailFacts(email),
      ...{ credentialEpoch: 0, standingEpoch: 0, bytesUsed: 0, fileCount: 0 },
      ...(consentedAt && { consentedAt }),
    };
    // Where there is an account of this id, it does not match, and is not made twice.
    const inserted = await this.change({ _id: id, emailKey: { $exists: false } }, facts, { upsert: true });
    if (inserted === undefined) throw new Error("An account was neither made nor refused.");
    return inserted;
  }

  /** Every request asks who its viewer is: many at once cost one query. */
  readonly find = together((ids) => this.findMany(ids));

  async findMany(ids: readonly string[]): Promise<Account[]> {
    if (ids.length === 0) return [];
    const found = await this.model.find({ _id: { $in: [...ids] } }).lean<UserDocument[]>();
    return found.map(toAccount);
  }

  /** A user name has no `@`, so one look at the text tells which index to ask. */
  findByLogin(login: string): Promise<Account | undefined> {
    return login.includes("@")
      ? this.findByEmail(login)
      : this.one({ usernameKey: usernameKey(login.trim()) });
  }

  findByEmail(email: string): Promise<Account | undefined> {
    return this.one({ emailKey: emailKey(email) });
  }

  setPasswordHash(id: string, passwordHash: string, credentialEpoch: number): Promise<Account | undefined> {
    return this.change({ _id: id, credentialEpoch }, { passwordHash, credentialEpoch: credentialEpoch + 1 });
  }

  setUsername(id: string, username: string): Promise<Account | undefined> {
    return this.change({ _id: id }, usernameFacts(username));
  }

  setEmail(id: string, { from, to }: { from: string; to: string }): Promise<Account | undefined> {
    return this.change({ _id: id, emailKey: emailKey(from) }, emailFacts(to));
  }

  async hasAdministrator(): Promise<boolean> {
    return (await this.one({ role: "ADMIN" })) !== undefined;
  }

  /** For the guard: what an update of this account's standing has to find unchanged. */
  async standingOf(id: string): Promise<{ isAdministrator: boolean; fence: StandingFence } | undefined> {
    const found = await this.model.findOne({ _id: id }).lean<UserDocument>();
    if (found === null) return undefined;
    const isAdministrator = found.role === "ADMIN" && found.archivedAt === undefined;
    return { isAdministrator, fence: { standingEpoch: found.standingEpoch ?? null } };
  }

  /** For the guard: whether there is an active administrator beside this account. */
  async hasAdministratorBeside(id: string): Promise<boolean> {
    const filter = { role: "ADMIN", archivedAt: { $exists: false }, _id: { $ne: id } } as const;
    return (await this.model.findOne(filter).select({ _id: 1 }).lean()) !== null;
  }

  /** For the guard: from now on no update that was decided on an older view of this account's standing matches. */
  async raiseStanding(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, { $inc: { standingEpoch: 1 } });
  }

  async setOwnQuota(
    id: string,
    change: QuotaChange,
    onlyIf: OwnQuota | undefined,
  ): Promise<{ before: Account; after: Account } | undefined> {
    const had = (name: keyof Quota) => [`ownQuota.${name}`, onlyIf?.[name] ?? null] as const;
    const asSeen = onlyIf === undefined ? {} : Object.fromEntries(QUOTA_NAMES.map(had));
    const wanted = QUOTA_NAMES.filter((name) => change[name] !== undefined);
    const values = wanted.map((name) => [`ownQuota.${name}`, change[name] ?? "$$REMOVE"] as const);
    const update = [{ $set: Object.fromEntries(values) }];
    const before = await this.model
      .findOneAndUpdate({ _id: id, ...asSeen }, update, { updatePipeline: true, returnDocument: "before" })
      .lean<UserDocument>();
    if (before === null) return undefined;
    const account = toAccount(before);
    return { before: account, after: { ...account, ownQuota: changedQuota(account.ownQuota, change) } };
  }

  private async change(
    filter: QueryFilter<UserDocument>,
    facts: object,
    options: { upsert?: true } = {},
  ): Promise<Account | undefined> {
    const update = [{ $set: literals(facts) }, DERIVED];
    try {
      const changed = await this.model
        .findOneAndUpdate(filter, update, { ...options, updatePipeline: true, returnDocument: "after" })
        .lean<UserDocument>();
      return changed === null ? undefined : toAccount(changed);
    } catch (error) {
      throw taken(duplicateKeyOf(error)) ?? error;
    }
  }

  private async one(filter: QueryFilter<UserDocument>): Promise<Account | undefined> {
    const found = await this.model.findOne(filter).lean<UserDocument>();
    return found === null ? undefined : toAccount(found);
  }
}

/** What a refused write means: which name or address somebody else has. */
export function taken(fields: readonly string[] | undefined): Error | undefined {
  if (fields === undefined) return undefined;
  if (fields.includes("usernameKey"))
    return conflict("This user name is taken. Choose another one.", "username");
  if (fields.includes("emailKey")) {
    return conflict("This e-mail address has an account already. Sign in, or reset its password.", "email");
  }
  return conflict("This account exists already.");
}
