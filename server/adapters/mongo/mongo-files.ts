import { getModelForClass } from "@typegoose/typegoose";
import type { Connection } from "mongoose";
import { isAnonymous } from "../../kernel/anonymous.js";
import { kindOf } from "../../files/file.js";
import type { File, FileState } from "../../files/file.js";
import type {
  FileFilter,
  FileOrder,
  FileOrderField,
  FileStore,
  FolderTally,
  NameRight,
  NewFile,
  Page,
  PageRequest,
} from "../../files/files.ports.js";
import { wordsOf } from "../../files/words.js";
import { conflict } from "../../kernel/errors.js";
import type { TransferredFiles } from "../../transfers/transfers.ports.js";
import type { BlobHealth } from "../../vault/vault.ports.js";
import { claimValue } from "./claim-updates.js";
import { FileDocument, nameFacts, slotOf, toFile } from "./file-document.js";
import type { FileModel } from "./file-document.js";
import { DERIVED, OF_OLDER_VERSIONS, inOrder, isDue } from "./file-lists.js";
import { deriveMissing } from "./derive-missing.js";
import { countFiles } from "./file-indexes.js";
import { literals } from "./literals.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import type { MongoFolders } from "./mongo-folders.js";
import { roleOf } from "./owner-roles.js";
import { findPage } from "./page.js";
import type { Sort } from "./page.js";
import { dropUnwanted } from "./unwanted-indexes.js";

/** An upload whose process died before it counted its file is counted after this time. */
const COUNT_PATIENCE_MS = 60_000;

const ORDER: Record<FileOrderField, Pick<Sort, "field" | "then">> = {
  NAME: { field: "nameKey" },
  SIZE: { field: "sizeBytes" },
  CREATED_AT: { field: "createdAt" },
  STATE: { field: "state", then: "createdAt" },
};

export class MongoFiles implements FileStore, TransferredFiles, BlobHealth {
  /** Also for what else works on these documents. */
  readonly model: FileModel;

  constructor(
    private readonly connection: Connection,
    private readonly folders: MongoFolders,
  ) {
    this.model = getModelForClass(FileDocument, {
      existingConnection: connection,
      // Typegoose would otherwise hand out the model of the first connection that this process opened.
      options: { disableCaching: true },
    });
  }

  async syncIndexes(): Promise<void> {
    await this.model.createIndexes();
    await dropUnwanted(this.model);
    await this.derive({ lists: null });
  }

  /** Puts the files of an older version into the lists of today, under their roles as far as these are known. */
  deriveOlder(): Promise<void> {
    return this.derive(OF_OLDER_VERSIONS);
  }

  private derive(missing: object): Promise<void> {
    return deriveMissing<FileDocument>(this.model.collection, {
      missing,
      from: ["name"],
      facts: ({ name }) => ({ words: wordsOf(name) }),
      derived: DERIVED,
    });
  }

  async create(file: NewFile, right: NameRight, leaseMs: number): Promise<boolean> {
    const { id, folderId, expiresAt, name, uploadKey, ...facts } = file;
    const isAccounts = !isAnonymous(file.ownerId);
    const folderIds = folderId === undefined ? [] : await this.folders.pathOf(folderId);
    const fresh = {
      ...facts,
      ...nameFacts(name),
      ...(folderId === undefined ? {} : { folderId }),
      ...(isAccounts ? { ownerRole: await roleOf(this.connection, file.ownerId) } : { anonymous: true }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(uploadKey === undefined ? {} : { uploadKey }),
      ...(right === "BY_REPLACING" ? {} : { slot: slotOf(folderId, name) }),
      ...{ folderIds, sizeBytes: 0, state: "RECEIVING", transferEpoch: 0 },
    };
    const times = { createdAt: "$$NOW", receivingUntil: { $add: ["$$NOW", leaseMs] } };
    const options = { upsert: true, updatePipeline: true };
    try {
      const set = { $set: { ...literals(fresh), ...times } };
      // Never one that is there: a worker that slept while another one made this file would begin it anew.
      await this.model.updateOne({ _id: id, createdAt: { $exists: false } }, [set, DERIVED], options);
    } catch (error) {
      const taken = duplicateKeyOf(error);
      if (taken?.includes("slot")) return false;
      if (taken?.includes("uploadKey")) throw conflict("This upload is under way already.", "uploadKey");
      throw error;
    }
    if (folderId !== undefined) await this.followFolder(id, folderId, folderIds);
    return true;
  }

  /** Brings a file's path to that of its folder, which may have been moved while the file was written. */
  async followFolder(id: string, folderId: string, written: readonly string[]): Promise<void> {
    for (let known = written; ;) {
      const path = await this.folders.pathOf(folderId);
      if (path.join() === known.join()) return;
      await this.model.updateOne({ _id: id, folderId }, { $set: { folderIds: path } });
      known = path;
    }
  }

  async keepReceiving(id: string, leaseMs: number): Promise<void> {
    await this.model.updateOne(
      { _id: id, state: "RECEIVING", givenUp: { $exists: false } },
      [{ $set: { receivingUntil: { $add: ["$$NOW", leaseMs] } } }, DERIVED],
      { updatePipeline: true },
    );
  }

  async markReceived(id: string, facts: Parameters<FileStore["markReceived"]>[1]): Promise<File | undefined> {
    const countedBy = { $add: ["$$NOW", COUNT_PATIENCE_MS] };
    const known = literals({ ...facts, kind: kindOf(facts.mimeType) });
    // One without a name of its own by now takes it from whoever has it.
    const hasPlace = { $ne: [{ $type: "$slot" }, "missing"] };
    const claim = {
      $cond: [hasPlace, "$$REMOVE", claimValue({ name: "$name", folderId: "$folderId" }, "REPLACE")],
    };
    // Copies are no uploads.
    const unrecordedUpload = facts.transferId === undefined ? "$$REMOVE" : "$$NOW";
    const document = await this.model
      .findOneAndUpdate(
        { _id: id, state: "RECEIVING", givenUp: { $exists: false } },
        [{ $set: { ...known, receivingUntil: "$$REMOVE", countedBy, claim, unrecordedUpload } }, DERIVED],
        { updatePipeline: true, returnDocument: "after" },
      )
      .lean<FileDocument>();
    return document === null ? undefined : toFile(document);
  }

  async find(id: string): Promise<File | undefined> {
    const document = await this.model.findById(id).lean<FileDocument>();
    return document === null ? undefined : toFile(document);
  }

  async findMany(ids: readonly string[]): Promise<File[]> {
    const found = await this.model.find({ _id: { $in: ids } }).lean<FileDocument[]>();
    return found.map(toFile);
  }

  async findUpload(ownerId: string, uploadKey: string): Promise<File | undefined> {
    const document = await this.model.findOne({ ownerId, uploadKey }).lean<FileDocument>();
    return document === null ? undefined : toFile(document);
  }

  list(filter: FileFilter, order: FileOrder, page: PageRequest): Promise<Page<File>> {
    // Files of one state are in the order of what comes after it.
    const field = order.field === "STATE" && filter.states?.length === 1 ? "CREATED_AT" : order.field;
    const sort = { ...ORDER[field], descending: order.descending };
    return findPage(this.model, inOrder(filter, sort.field), sort, page, toFile);
  }

  async count(filter: FileFilter): Promise<number> {
    return countFiles(this.model, filter);
  }

  async below(folderId: string, limit: number): Promise<File[]> {
    const found = await this.model
      .find({ folderIds: folderId, givenUp: { $exists: false } })
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map(toFile);
  }

  async giveUp(id: string, when: "now" | "if abandoned"): Promise<File | undefined> {
    const isOver = when === "now" ? {} : { $expr: { $lte: ["$receivingUntil", "$$NOW"] } };
    // In no folder's list or sums any more, and due for the sweep.
    const gone = {
      givenUp: true,
      folderIds: [],
      folderId: "$$REMOVE",
      slot: "$$REMOVE",
      uploadKey: "$$REMOVE",
      receivingUntil: "$$NOW",
    };
    const document = await this.model
      .findOneAndUpdate({ _id: id, state: "RECEIVING", ...isOver }, [{ $set: gone }, DERIVED], {
        updatePipeline: true,
        returnDocument: "after",
      })
      .lean<FileDocument>();
    return document === null ? undefined : toFile(document);
  }

  async removeGivenUp(id: string): Promise<void> {
    await this.model.deleteOne({ _id: id, givenUp: true });
  }

  async abandoned(limit: number): Promise<File[]> {
    const found = await this.model
      .find(isDue("receivingUntil"))
      .sort({ "due.at": 1 })
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map(toFile);
  }

  async uncounted(limit: number): Promise<File[]> {
    const found = await this.model.find(isDue("countedBy")).limit(limit).lean<FileDocument[]>();
    return found.map(toFile);
  }

  async markCounted(id: string): Promise<void> {
    await this.model.updateOne({ _id: id }, [{ $unset: ["countedBy"] }, DERIVED], { updatePipeline: true });
  }

  async tally(folderIds: readonly string[], archived: boolean): Promise<Map<string, FolderTally>> {
    const rows = await this.model.aggregate<{
      _id: { folder: string; state: FileState };
      files: number;
      bytes: number;
    }>([
      {
        $match: {
          folderIds: { $in: folderIds },
          archivedAt: { $exists: archived },
          purgingAt: { $exists: false },
        },
      },
      { $unwind: "$folderIds" },
      { $match: { folderIds: { $in: folderIds } } },
      {
        $group: {
          _id: { folder: "$folderIds", state: "$state" },
          files: { $sum: 1 },
          bytes: { $sum: "$sizeBytes" },
        },
      },
    ]);
    const tallies = new Map<string, FolderTally>();
    for (const { _id, files, bytes } of rows) {
      const tally = tallies.get(_id.folder) ?? { sizeBytes: 0, files: {} };
      tally.sizeBytes += bytes;
      tally.files[_id.state] = files;
      tallies.set(_id.folder, tally);
    }
    return tallies;
  }

  async isGone(fileId: string): Promise<boolean> {
    return (await this.model.exists({ _id: fileId })) === null;
  }

  async setState(fileId: string, state: FileState, epoch: number): Promise<boolean> {
    const isStored = { $in: ["$state", ["STORED", "DEGRADED"]] };
    const next = state === "TRANSFERRING" ? { $cond: [isStored, "$state", state] } : state;
    const { matchedCount } = await this.model.updateOne(
      { _id: fileId, state: { $ne: "RECEIVING" }, transferEpoch: { $lte: epoch } },
      [{ $set: { state: next, transferEpoch: epoch } }],
      { updatePipeline: true },
    );
    return matchedCount === 1;
  }

  async removeCancelled(fileId: string): Promise<void> {
    await this.model.deleteOne({ _id: fileId, state: "CANCELLED" });
  }

  async changed(blobId: string, state: "STORED" | "DEGRADED" | "LOST"): Promise<void> {
    const blob = await this.model.db
      .collection<{ _id: string; holders: string[] }>("blobs")
      .findOne({ _id: blobId }, { projection: { holders: 1 } });
    await this.model.updateMany(
      { _id: { $in: blob?.holders ?? [] }, blobId, state: { $in: ["STORED", "DEGRADED", "LOST"] } },
      { $set: { state } },
    );
  }
}
