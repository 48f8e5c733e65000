import { index, modelOptions, mongoose, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import type { OwnQuota } from "../../auth/quota.js";
import type { Account } from "../../auth/user.js";
import { emailKey, usernameKey } from "../../auth/user.js";
import { tailsOf } from "../../files/words.js";
import type { Role } from "../../kernel/context.js";
import { ArchivableDocument } from "./archivable-document.js";
import type { ReservationDocument } from "./mongo-usage.js";
import type { Shown } from "./user-lists.js";

@modelOptions({ schemaOptions: { collection: "users", versionKey: false }, options: { allowMixed: 0 } })
@index({ emailKey: 1 }, { unique: true })
@index({ usernameKey: 1 }, { unique: true })
// Each role's accounts stand together: lists of all roles merge these.
@index({ role: 1, shown: 1, usernameKey: 1 })
@index({ role: 1, shown: 1, createdAt: 1, _id: 1 })
@index({ role: 1, shown: 1, bytesUsed: 1, _id: 1 })
@index({ terms: 1 })
@index({ archivedById: 1 }, { partialFilterExpression: { archivedById: { $exists: true } } })
@index({ filesFollowBy: 1 }, { partialFilterExpression: { filesFollowBy: { $exists: true } } })
@index({ openPurgeBy: 1 }, { partialFilterExpression: { openPurgeBy: { $exists: true } } })
// Those whose upload died are found among those that reserve anything.
@index({ "reserved.at": 1 }, { partialFilterExpression: { "reserved.at": { $exists: true } } })
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
  /** MongoOwnerRoles writes these two. */
  @prop({ type: () => Date }) filesFollowBy?: Date;
  @prop({ type: () => Boolean }) filesFollowAgain?: boolean;
  @prop({ type: () => Date }) consentedAt?: Date;
  @prop({ type: () => [String] }) usernameTails!: string[];
  @prop({ type: () => [String] }) emailTails!: string[];
  /** These two are derived from the rest: see user-lists.ts. */
  @prop({ type: () => String }) shown!: Shown;
  @prop({ type: () => [String] }) terms!: string[];
}

export type UserModel = ReturnModelType<typeof UserDocument>;

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

/** What a user name is kept as. */
export function usernameFacts(username: string) {
  return { username, usernameKey: usernameKey(username), usernameTails: tailsOf(username) };
}

/** What an address is kept as. */
export function emailFacts(email: string) {
  return { email, emailKey: emailKey(email), emailTails: tailsOf(email) };
}
