import type { File } from "../../files/file.js";
import type { FilePlaces } from "../../files/files.ports.js";
import type { ClaimedFile, Place, PlaceClaim } from "../../files/place.js";
import { archived } from "./archive-updates.js";
import { claimValue } from "./claim-updates.js";
import { nameFacts, slotOf, slotValue, toFile } from "./file-document.js";
import type { FileDocument } from "./file-document.js";
import { DERIVED, isDue } from "./file-lists.js";
import { literals } from "./literals.js";
import { duplicateKeyOf } from "./mongo-failures.js";
import type { MongoFiles } from "./mongo-files.js";
import type { MongoFolders } from "./mongo-folders.js";

const PIPELINE = { updatePipeline: true, returnDocument: "after" } as const;
const IS_SETTLED = {
  archivedAt: { $exists: false },
  purgingAt: { $exists: false },
  givenUp: { $exists: false },
  state: { $ne: "RECEIVING" },
} as const;

export class MongoFilePlaces implements FilePlaces {
  private readonly model: MongoFiles["model"];

  constructor(
    private readonly files: MongoFiles,
    private readonly folders: MongoFolders,
  ) {
    this.model = files.model;
  }

  async isTaken(ownerId: string, { name, folderId }: Place): Promise<boolean> {
    return (await this.model.exists({ ownerId, slot: slotOf(folderId, name) })) !== null;
  }

  rename(id: string, name: string): Promise<File | "TAKEN" | undefined> {
    const change = { ...literals(nameFacts(name)), slot: slotValue("$folderId", name), claim: "$$REMOVE" };
    return this.change({ _id: id, ...IS_SETTLED }, change);
  }

  async begin(
    id: string,
    { onConflict, byId, byAdmin, ...place }: PlaceClaim,
  ): Promise<ClaimedFile | undefined> {
    const by = { byAdmin, ...(byId === undefined ? {} : { byId: { $literal: byId } }) };
    const claim = claimValue(valuesOf(place), onConflict, by);
    const document = await this.model
      .findOneAndUpdate(
        { _id: id, ...IS_SETTLED },
        [{ $unset: "claim" }, { $set: { claim } }, DERIVED],
        PIPELINE,
      )
      .lean<FileDocument>();
    return toClaimedFile(document);
  }

  async claimOf(id: string): Promise<ClaimedFile | undefined> {
    return toClaimedFile(await this.model.findOne({ _id: id, ...IS_SETTLED }).lean<FileDocument>());
  }

  async put({ fileId, run }: ClaimedFile, { name, folderId }: Place): Promise<File | "TAKEN" | undefined> {
    const folderIds = folderId === undefined ? [] : await this.folders.pathOf(folderId);
    const facts = { ...nameFacts(name), slot: slotOf(folderId, name), folderIds };
    const place = { ...literals(facts), folderId: valuesOf({ name, folderId }).folderId };
    const file = await this.change({ _id: fileId, ...IS_SETTLED, "claim.run": run }, place);
    if (folderId !== undefined && typeof file === "object") {
      await this.files.followFolder(fileId, folderId, folderIds);
    }
    return file;
  }

  async archiveHolder({ ownerId, claim }: ClaimedFile): Promise<File | undefined> {
    const { byId = ownerId, byAdmin, name, folderId } = claim;
    const stamp = archived({ byId, byAdmin, reason: "Replaced by another file of this name." });
    const document = await this.model
      .findOneAndUpdate(
        { ownerId, slot: slotOf(folderId, name), ...IS_SETTLED },
        [{ $set: { ...stamp, slot: "$$REMOVE", claim: "$$REMOVE" } }, DERIVED],
        PIPELINE,
      )
      .lean<FileDocument>();
    return document === null ? undefined : toFile(document);
  }

  async end({ fileId, run }: ClaimedFile): Promise<void> {
    await this.model.updateOne({ _id: fileId, "claim.run": run }, [{ $unset: ["claim"] }, DERIVED], {
      updatePipeline: true,
    });
  }

  async unfinished(limit: number): Promise<ClaimedFile[]> {
    const found = await this.model
      .find({ ...isDue("claim.dueAt"), ...IS_SETTLED } as object)
      .limit(limit)
      .lean<FileDocument[]>();
    return found.map(toClaimedFile).filter((claimed) => claimed !== undefined);
  }

  private async change(filter: object, values: Record<string, unknown>): Promise<File | "TAKEN" | undefined> {
    try {
      const document = await this.model
        .findOneAndUpdate(filter, [{ $set: values }, DERIVED], PIPELINE)
        .lean<FileDocument>();
      return document === null ? undefined : toFile(document);
    } catch (error) {
      if (duplicateKeyOf(error)?.includes("slot")) return "TAKEN";
      throw error;
    }
  }
}

function valuesOf({ name, folderId }: Place): { name: unknown; folderId: unknown } {
  return { name: { $literal: name }, folderId: folderId === undefined ? "$$REMOVE" : { $literal: folderId } };
}

function toClaimedFile(document: FileDocument | null): ClaimedFile | undefined {
  if (document?.claim === undefined) return undefined;
  const { name, folderId, onConflict, byId, byAdmin, run } = document.claim;
  const claim = { name, folderId, onConflict, byId, byAdmin: byAdmin ?? false };
  return { fileId: document._id, ownerId: document.ownerId, run, claim };
}
