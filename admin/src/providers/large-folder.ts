import type { ErrorCode, UploadedFolderFragment } from "../generated/graphql.js";
import { codeOf, messageOf } from "./errors.js";
import { pathKey, sizeOf } from "./upload-source.js";
import type { NamedFile, NamedFolder, UploadWatcher } from "./upload-source.js";

const AT_ONCE = 4;
/** Verdicts about one file; whatever else goes wrong would go wrong with the others too. */
const OF_ONE_FILE: readonly ErrorCode[] = ["BAD_USER_INPUT", "CONFLICT", "FILE_TOO_LARGE"];

/** The requests that it makes. */
export interface FolderRequests {
  makeFolder: (name: string, parentId: string | undefined) => Promise<string>;
  sendFile: (file: File, folderId: string, watcher: UploadWatcher) => Promise<unknown>;
}

/** Where an upload begins, or goes on. */
export interface UploadStart {
  /** Ids of the folders that are there, by their paths. */
  folders: ReadonlyMap<string, string>;
  has: (file: NamedFile) => boolean;
}

/** How far the upload of a folder came: trying again goes on from there. */
interface Begun {
  folders: Map<string, Promise<string>>;
  settled: Set<NamedFile>;
  failed: UploadedFolderFragment["failedUploads"];
}

const begun = new WeakMap<readonly NamedFile[], Begun>();

/**
 * Uploads a folder with more files than one request may carry: its folders are made, and each file is sent by itself. One
 * that is refused is told apart; anything else ends it, and the next try with the same files goes on where it was.
 */
export async function uploadLargeFolder(
  { name, parentId, files }: NamedFolder,
  { onSent, signal }: UploadWatcher,
  { makeFolder, sendFile }: FolderRequests,
  there?: UploadStart,
): Promise<UploadedFolderFragment> {
  const state: Begun = begun.get(files) ?? { folders: new Map(), settled: new Set(), failed: [] };
  begun.set(files, state);
  for (const [path, id] of there?.folders ?? []) state.folders.set(path, Promise.resolve(id));
  for (const one of files) if (there?.has(one)) state.settled.add(one);
  const all = sizeOf(files);
  const sent = new Map([...state.settled].map((one) => [one, one.file.size]));
  const folderAt = (path: readonly string[]): Promise<string> => {
    const key = pathKey(path.join("/"));
    const known = state.folders.get(key);
    if (known !== undefined) return known;
    const above = path.length === 0 ? Promise.resolve(parentId) : folderAt(path.slice(0, -1));
    const making = above.then((id) => makeFolder(path.at(-1) ?? name, id));
    state.folders.set(key, making);
    making.catch(() => state.folders.delete(key));
    return making;
  };
  const rootId = await folderAt([]);
  const waiting = files.filter((one) => !state.settled.has(one)).values();
  const sendOne = async (one: NamedFile): Promise<void> => {
    const folderId = await folderAt(one.path.split("/").slice(0, -1));
    const told = (bytes: number) => {
      sent.set(one, Math.min(bytes, one.file.size));
      onSent(
        [...sent.values()].reduce((sum, size) => sum + size, 0),
        all,
      );
    };
    await sendFile(one.file, folderId, { onSent: told, signal }).catch((error: unknown) => {
      const code = OF_ONE_FILE.find((one) => one === codeOf(error));
      if (signal.aborted || code === undefined) throw error;
      state.failed.push({ path: one.path, code, message: messageOf(error) });
    });
    state.settled.add(one);
  };
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    for (const one of waiting) {
      // Nothing is sent any more once it has ended: the next try would send it a second time.
      if (failures.length > 0 || signal.aborted) return;
      await sendOne(one).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return { id: rootId, name, failedUploads: state.failed };
}
