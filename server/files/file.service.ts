import type { Readable } from "node:stream";
import type { AccountStore } from "../auth/auth.ports.js";
import { isAnonymous } from "../kernel/anonymous.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { ownsOrAdministers } from "../kernel/context.js";
import { notFound, unavailable } from "../kernel/errors.js";
import type { ByteRange } from "../vault/blob.js";
import type { ReadService } from "../vault/read.service.js";
import type { BlobStore } from "../vault/vault.ports.js";
import { refuseOver } from "./file.js";
import type { File } from "./file.js";
import type { FileFilter, FileOrder, FileStore, Page, PageRequest } from "./files.ports.js";
import type { FileScope } from "./file-scope.service.js";
import type { Folder } from "./folder.js";

/** A file whose bytes may be read. */
export interface OpenFile {
  file: File;
  /**
   * @param isUnderWay the bytes follow others that went out already
   * @throws through the stream when no good copy is left; the stream never ends short
   */
  read(range: ByteRange, signal: AbortSignal, isUnderWay?: boolean): Promise<Readable>;
}

/** How long somebody who was archived may go on reading what he reads. */
const LOOK_AGAIN_MS = 3_000;

export class FileService {
  constructor(
    private readonly files: FileStore,
    private readonly blobs: BlobStore,
    private readonly reader: ReadService,
    private readonly accounts: Pick<AccountStore, "find">,
    private readonly scope: FileScope,
  ) {}

  /** @throws AppError NOT_FOUND when it is missing or somebody else's */
  async get(viewer: Viewer, id: string): Promise<File> {
    const file = await this.files.find(id);
    if (file === undefined || file.purgingAt || !ownsOrAdministers(viewer, file.ownerId)) {
      throw notFound("File");
    }
    return file;
  }

  /** Files by id, in that order. @throws AppError NOT_FOUND when one is missing or somebody else's */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<File[]> {
    const found = new Map((await this.files.findMany(ids)).map((file) => [file.id, file]));
    return ids.map((id) => {
      const file = found.get(id);
      if (file === undefined || file.purgingAt || !ownsOrAdministers(viewer, file.ownerId)) {
        throw notFound("File");
      }
      return file;
    });
  }

  /** The viewer's files; an administrator sees everybody's. */
  async list(viewer: Viewer, filter: FileFilter, order: FileOrder, page: PageRequest): Promise<Page<File>> {
    return this.files.list(await this.scope.of(viewer, filter), order, page);
  }

  /**
   * The files directly in a folder that was found for this viewer, newest first. Without an account nobody finds one
   * but in the answer to the upload that made it.
   */
  listIn(viewer: Viewer, folder: Folder, page: PageRequest): Promise<Page<File>> {
    return this.list(
      readerOf(viewer, folder),
      within(folder),
      { field: "CREATED_AT", descending: true },
      page,
    );
  }

  countIn(viewer: Viewer, folder: Folder): Promise<number> {
    return this.count(readerOf(viewer, folder), within(folder));
  }

  async count(viewer: Viewer, filter: FileFilter): Promise<number> {
    return this.files.count(await this.scope.of(viewer, filter));
  }

  /**
   * Prepares a download: from the staging area while the transfer runs, from Telegram afterwards. It ends when its owner
   * or its reader is archived.
   * @throws AppError NOT_FOUND, also while the file or its owner is archived; GONE when its time is over; UNAVAILABLE
   *   while the bytes still arrive
   */
  async open(viewer: Viewer, id: string): Promise<OpenFile> {
    const file = await this.files.find(id);
    if (file === undefined || !ownsOrAdministers(viewer, file.ownerId)) throw notFound("File");
    refuseOver(file);
    if (file.purgingAt) throw notFound("File");
    if (file.archivedAt !== undefined || file.state === "CANCELLED") throw notFound("File");
    const isOwn = viewer.kind === "user" && viewer.userId === file.ownerId;
    if (!isOwn && !isAnonymous(file.ownerId) && (await this.accounts.find(file.ownerId))?.archivedAt)
      throw notFound("File");
    if (file.state === "RECEIVING")
      throw unavailable("This file is still being uploaded. Try again when it is there.");
    const blob = await this.blobs.find(file.blobId);
    if (blob === undefined) throw notFound("File");
    const people = [...new Set([file.ownerId, ...(viewer.kind === "user" ? [viewer.userId] : [])])];
    const accounts = people.filter((userId) => !isAnonymous(userId));
    const read: OpenFile["read"] = (range, signal, isUnderWay) => {
      const ended = new AbortController();
      const bytes = this.reader.read(blob, range, AbortSignal.any([signal, ended.signal]), isUnderWay);
      const looking = setInterval(() => void this.endIfArchived(accounts, ended), LOOK_AGAIN_MS).unref();
      return Promise.resolve(bytes.once("close", () => clearInterval(looking)));
    };
    return { file, read };
  }

  /** A look that fails is made again: an outage of the database ends no download. */
  private async endIfArchived(userIds: readonly string[], reading: AbortController): Promise<void> {
    const people = await Promise.all(userIds.map((id) => this.accounts.find(id))).catch(() => []);
    if (people.some((account) => account?.archivedAt)) reading.abort(notFound("File"));
  }
}

/** Reads as the owner, who need not be an account. What the reader may see was decided before. */
export function ownerAsViewer({ id, ownerId }: { id: string; ownerId: string }): SignedInViewer {
  return { kind: "user", userId: ownerId, sessionId: `owner of ${id}`, role: "FREE" };
}

function readerOf(viewer: Viewer, folder: Folder): Viewer {
  return viewer.kind === "anonymous" && isAnonymous(folder.ownerId) ? ownerAsViewer(folder) : viewer;
}

/** An archived folder shows what is archived in it. */
function within({ id, archivedAt }: Folder): FileFilter {
  return { folderId: id, archived: archivedAt !== undefined };
}
