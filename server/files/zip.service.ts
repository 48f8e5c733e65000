import type { Readable } from "node:stream";
import type { LinkUse } from "../auth/auth.ports.js";
import type { Viewer } from "../kernel/context.js";
import { badInput, notFound } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { File } from "./file.js";
import { hasBytes, refuseOver } from "./file.js";
import type { FileService } from "./file.service.js";
import type { FileStore, FolderStore, ZipSelectionStore } from "./files.ports.js";
import type { FolderService } from "./folder.service.js";
import { layFlat, layOut } from "./zip.js";
import type { ZipEntry } from "./zip.js";
import { ZipStream } from "./zip-stream.js";

export const MAX_SELECTED = 1_000;
const MAX_FILES = 20_000;
const MAX_FOLDERS = 5_000;
/** A little longer than the link that names it. */
const SELECTION_MS = 20 * 60_000;

/** A zip that can be had. */
export interface Zip {
  name: string;
  /** Exactly what `read` gives. */
  sizeBytes: number;
  fileCount: number;
  /** Files that are not in it because their bytes are not here: not yet, or not any more. */
  leftOut: number;
  /** Once. The stream errors when a file cannot be read to its end; destroying it ends all reading. */
  read(signal: AbortSignal): Readable;
}

/** Several files as one zip, made while it is read. */
export class ZipService {
  constructor(
    private readonly files: FileService,
    private readonly folders: FolderService,
    private readonly stores: {
      files: Pick<FileStore, "below">;
      folders: Pick<FolderStore, "below">;
      selections: ZipSelectionStore;
    },
  ) {}

  /**
   * A folder's files at any depth, in their folders.
   * @throws AppError NOT_FOUND when it is missing, archived or somebody else's; GONE when its time is over; BAD_USER_INPUT
   *   when it holds too much
   */
  async folder(viewer: Viewer, id: string): Promise<Zip> {
    const folder = await this.folders.get(viewer, id);
    refuseOver(folder);
    if (folder.archivedAt !== undefined) throw notFound("Folder");
    const [folders, files] = await Promise.all([
      this.stores.folders.below(id, MAX_FOLDERS + 1),
      this.stores.files.below(id, MAX_FILES + 1),
    ]);
    if (files.length > MAX_FILES || folders.length > MAX_FOLDERS) {
      const most = `${MAX_FILES} files and ${MAX_FOLDERS} folders`;
      throw badInput(`A zip holds at most ${most}. Download the folders inside one by one.`);
    }
    const present = folders.filter(({ archivedAt }) => archivedAt === undefined);
    const shown = files.filter(({ archivedAt, purgingAt }) => archivedAt === undefined && !purgingAt);
    const readable = shown.filter(hasBytes);
    const entries = layOut(folder, present, readable);
    return this.zip(viewer, folder.name, entries, shown.length - readable.length);
  }

  /**
   * Files side by side.
   * @throws AppError NOT_FOUND when one is missing, archived or somebody else's; GONE when the time of one is over;
   *   BAD_USER_INPUT for none or too many
   */
  async selection(viewer: Viewer, ids: readonly string[]): Promise<Zip> {
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) throw badInput("Name the files to zip.", "ids");
    if (wanted.length > MAX_SELECTED) throw badInput(`Select at most ${MAX_SELECTED} files.`, "ids");
    const files = await this.files.getMany(viewer, wanted);
    files.forEach(refuseOver);
    if (files.some(({ archivedAt }) => archivedAt !== undefined)) throw notFound("File");
    const readable = files.filter(hasBytes);
    return this.zip(viewer, "files", layFlat(readable), files.length - readable.length);
  }

  /** A selection that a link names. @throws AppError NOT_FOUND also when it is over */
  async kept(viewer: Viewer, selectionId: string): Promise<Zip> {
    const ids = await this.stores.selections.find(selectionId);
    if (ids === undefined) throw notFound("Selection");
    return this.selection(viewer, ids);
  }

  /** Checks what is asked for, and keeps a selection, for which a link has no room. */
  async prepare(
    viewer: Viewer,
    what: { folderId?: string | undefined; ids?: readonly string[] | undefined },
  ): Promise<{ zip: Zip; use: LinkUse; id: string }> {
    const { folderId, ids } = what;
    if ((folderId === undefined) === (ids === undefined)) {
      throw badInput("Give either a folder or files.", "folderId");
    }
    if (folderId !== undefined) {
      return { zip: await this.folder(viewer, folderId), use: "folder-zip", id: folderId };
    }
    const zip = await this.selection(viewer, ids ?? []);
    const id = newId();
    await this.stores.selections.put(id, ids ?? [], new Date(Date.now() + SELECTION_MS));
    return { zip, use: "selection-zip", id };
  }

  private zip(viewer: Viewer, name: string, entries: readonly ZipEntry[], leftOut: number): Zip {
    const stream = new ZipStream(entries);
    const first = entries.find(({ file }) => file !== undefined)?.file;
    const open = async (file: File, signal: AbortSignal): Promise<Readable> => {
      const opened = await this.files.open(viewer, file.id);
      return opened.read({ start: 0, end: file.sizeBytes - 1 }, signal, file !== first);
    };
    return {
      name: `${name}.zip`,
      sizeBytes: stream.sizeBytes,
      fileCount: entries.filter(({ file }) => file !== undefined).length,
      leftOut,
      read: (signal) => stream.read((file) => open(file, signal)),
    };
  }
}
