import { getModelForClass, index, modelOptions, mongoose, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { Connection, QueryFilter, UpdateQuery } from "mongoose";
import type { AccountStore, StandingFence } from "../../auth/auth.ports.js";
import type { OwnQuota } from "../../auth/quota.js";
import type { Account, NewAccount, User } from "../../auth/user.js";
import { emailKey, usernameKey } from "../../auth/user.js";
import type { Role } from "../../kernel/context.js";
import { conflict } from "../../kernel/errors.js";
import { together } from "../../kernel/loading.js";
import { ArchivableDocument } from "./archivable-document.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import type { ReservationDocument } from "./mongo-usage.js";

@modelOptions({ schemaOptions: { collection: "users", versionKey: false }, options: { allowMixed: 0 } })
@index({ emailKey: 1 }, { unique: true })
@index({ usernameKey: 1 }, { unique: true })
@index({ role: 1, usernameKey: 1 })
@index({ createdAt: 1, _id: 1 })
@index({ bytesUsed: 1, _id: 1 })
@index({ archivedAt: 1 }, { partialFilterExpression: { archivedAt: { $exists: true } } })
export class UserDocument extends ArchivableDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) username!: string;
  @prop({ type: () => String }) usernameKey!: string;
  @prop({ type: () => String }) email!: string;
  @prop({ type: () => String }) emailKey!: string;
  @prop({ type: () => String }) role!: Role;
  @prop({ type: () => String }) passwordHash!: string;
  @prop({ type: () => Number }) credentialEpoch!: number;
  /** Grows with each change of the role and of being archived. */
  @prop({ type: () => Number }) standingEpoch?: number;
  @prop({ type: () => Number }) bytesUsed!: number;
  @prop({ type: () => Number }) fileCount!: number;
  /** What uploads under way have reserved: MongoUsage writes it. */
  @prop({ type: () => mongoose.Schema.Types.Mixed }) reserved?: ReservationDocument[];
  @prop({ type: () => mongoose.Schema.Types.Mixed }) ownQuota?: OwnQuota;
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => Date }) consentedAt?: Date;
}

export class MongoAccounts implements AccountStore {
  private readonly model: ReturnModelType<typeof UserDocument>;

  constructor(connection: Connection) {
    this.model = getModelForClass(UserDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
  }

  async insert(account: NewAccount): Promise<User> {
    const { id, consentedAt, ...facts } = account;
    const document = {
      _id: id,
      ...facts,
      usernameKey: usernameKey(account.username),
      emailKey: emailKey(account.email),
      credentialEpoch: 0,
      standingEpoch: 0,
      bytesUsed: 0,
      fileCount: 0,
      ...(consentedAt && { consentedAt }),
    };
    try {
      await this.model.create(document);
    } catch (error) {
      throw taken(duplicateKeyOf(error)) ?? error;
    }
    return toAccount(document);
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
    const change = { $set: { passwordHash }, $inc: { credentialEpoch: 1 } };
    return this.change({ _id: id, credentialEpoch }, change);
  }

  setUsername(id: string, username: string): Promise<Account | undefined> {
    return this.change({ _id: id }, { $set: { username, usernameKey: usernameKey(username) } });
  }

  setEmail(id: string, { from, to }: { from: string; to: string }): Promise<Account | undefined> {
    const change = { $set: { email: to, emailKey: emailKey(to) } };
    return this.change({ _id: id, emailKey: emailKey(from) }, change);
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

  async setOwnQuota(id: string, quota: OwnQuota): Promise<{ before: Account; after: Account } | undefined> {
    const change =
      Object.keys(quota).length === 0 ? { $unset: { ownQuota: 1 } } : { $set: { ownQuota: quota } };
    const before = await this.model.findOneAndUpdate({ _id: id }, change).lean<UserDocument>();
    if (before === null) return undefined;
    const account = toAccount(before);
    return { before: account, after: { ...account, ownQuota: quota } };
  }

  private async change(
    filter: QueryFilter<UserDocument>,
    change: UpdateQuery<UserDocument>,
  ): Promise<Account | undefined> {
    try {
      const query = this.model.findOneAndUpdate(filter, change, { returnDocument: "after" });
      const changed = await query.lean<UserDocument>();
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

export function toAccount(document: UserDocument): Account {
  const { _id, username, email, role, passwordHash, credentialEpoch, bytesUsed, fileCount } = document;
  const { createdAt, archivedAt, ownQuota = {}, reserved = [] } = document;
  return {
    id: _id,
    username,
    email,
    role,
    passwordHash,
    credentialEpoch,
    bytesUsed,
    fileCount,
    bytesReserved: reserved.reduce((sum, { bytes }) => sum + bytes, 0),
    filesReserved: reserved.length,
    ownQuota,
    createdAt,
    archivedAt,
  };
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
