import { index, modelOptions, prop } from "@typegoose/typegoose";
import type { ReturnModelType } from "@typegoose/typegoose";
import { ArchivableDocument, toArchiveMark } from "./archivable-document.js";
import type { File, FileState } from "../../files/file.js";
import { nameKey } from "../../files/names.js";
import { wordsOf } from "../../files/words.js";
import type { NameConflict } from "../../files/place.js";
import type { Role } from "../../kernel/context.js";

class ClaimDocument {
  @prop({ type: () => String }) name!: string;
  @prop({ type: () => String }) folderId?: string;
  @prop({ type: () => String }) onConflict!: NameConflict;
  @prop({ type: () => String }) byId?: string;
  @prop({ type: () => Boolean }) byAdmin?: boolean;
  @prop({ type: () => String }) run!: string;
  /** When somebody else finishes it. */
  @prop({ type: () => Date }) dueAt!: Date;
}

class DueDocument {
  @prop({ type: () => String }) for!: "SWEEP" | "RETENTION";
  @prop({ type: () => Date }) at!: Date;
}

@modelOptions({ schemaOptions: { collection: "files", versionKey: false } })
// Each state's files stand together: lists of some states, and those of all, merge these.
@index({ lists: 1, state: 1, nameKey: 1, _id: 1 })
@index({ lists: 1, state: 1, sizeBytes: 1, _id: 1 })
@index({ lists: 1, state: 1, createdAt: 1, _id: 1 })
@index({ terms: 1 })
@index({ folderIds: 1, archivedAt: 1, state: 1, sizeBytes: 1 })
@index({ ownerId: 1, slot: 1 }, { unique: true, partialFilterExpression: { slot: { $exists: true } } })
@index(
  { ownerId: 1, uploadKey: 1 },
  { unique: true, partialFilterExpression: { uploadKey: { $exists: true } } },
)
@index({ "due.for": 1, "due.at": 1 }, { partialFilterExpression: { "due.for": { $exists: true } } })
export class FileDocument extends ArchivableDocument {
  @prop({ type: () => String }) _id!: string;
  @prop({ type: () => String }) name!: string;
  /** The name for sorting and searching without regard to case. */
  @prop({ type: () => String }) nameKey!: string;
  @prop({ type: () => [String] }) words!: string[];
  @prop({ type: () => Number }) sizeBytes!: number;
  @prop({ type: () => String }) mimeType!: string;
  @prop({ type: () => String }) sha256?: string;
  @prop({ type: () => String }) state!: FileState;
  @prop({ type: () => Date }) createdAt!: Date;
  @prop({ type: () => String }) ownerId!: string;
  /** The role of its owner, as `followRoles` left it. */
  @prop({ type: () => String }) ownerRole?: Role;
  /** It came without an account; absent otherwise. */
  @prop({ type: () => Boolean }) anonymous?: boolean;
  @prop({ type: () => Date }) expiresAt?: Date;
  @prop({ type: () => String }) folderId?: string;
  /** The folder and all folders above it: a folder's sums need no walk. */
  @prop({ type: () => [String] }) folderIds!: string[];
  /** Folder and name key while it is live: two files cannot have the same. */
  @prop({ type: () => String }) slot?: string;
  /** Where it is meant to go. */
  @prop({ type: () => ClaimDocument, _id: false }) claim?: ClaimDocument;
  @prop({ type: () => String }) blobId?: string;
  @prop({ type: () => String }) transferId?: string;
  @prop({ type: () => Date }) receivingUntil?: Date;
  /** The name of the try that made it, an upload or a copy: tried again, it is not made twice. */
  @prop({ type: () => String }) uploadKey?: string;
  /** Its upload failed or died: hidden, and gone once what it left behind is removed. */
  @prop({ type: () => Boolean }) givenUp?: boolean;
  /** Until it is added to its owner's counts: when a sweep does it instead of its upload. */
  @prop({ type: () => Date }) countedBy?: Date;
  /** The first half of its MIME type, where it is one of the known ones. */
  @prop({ type: () => String }) kind?: string;
  /** When its upload was received, until that is in the statistics. */
  @prop({ type: () => Date }) unrecordedUpload?: Date;
  /** The highest transfer epoch that wrote the state: older ones change nothing any more. */
  @prop({ type: () => Number, default: 0 }) transferEpoch!: number;
  /** These three are derived from the rest: see file-lists.ts. */
  @prop({ type: () => [String] }) lists!: string[];
  @prop({ type: () => [String] }) terms!: string[];
  @prop({ type: () => DueDocument, _id: false }) due?: DueDocument;
}

export type FileModel = ReturnModelType<typeof FileDocument>;

export function toFile(document: FileDocument): File {
  return {
    id: document._id,
    name: document.name,
    sizeBytes: document.sizeBytes,
    mimeType: document.mimeType,
    sha256: document.sha256,
    state: document.state,
    createdAt: document.createdAt,
    ...toArchiveMark(document),
    ownerId: document.ownerId,
    expiresAt: document.expiresAt,
    folderId: document.folderId,
    blobId: document.blobId ?? "",
    transferId: document.transferId,
  };
}

/** What a file's name is kept as. */
export function nameFacts(name: string) {
  return { name, nameKey: nameKey(name), words: wordsOf(name) };
}

export function slotOf(folderId: string | undefined, name: string): string {
  return `${folderId ?? ""}/${nameKey(name)}`;
}

/** The same as the value of a `$set` stage. @param parent the field that says where it lies, such as `$folderId` */
export function slotValue(parent: string, name: string): object {
  return { $concat: [{ $ifNull: [parent, ""] }, { $literal: slotOf(undefined, name) }] };
}
