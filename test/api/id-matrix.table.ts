import type { ErrorCode } from "../../server/kernel/errors.js";
import type { Person } from "../support/start-server.js";

/**
 * What happens when somebody uses an id that is not theirs. `id-matrix.test.ts` tries each id in each place as a
 * stranger, a premium user, an archived user, an administrator and nobody: a foreign id, another type's id, a missing
 * and several malformed ones. They must all be refused in the same words and change nothing.
 *
 * To add a line when your operation takes an id: the test that failed names the place, so most often it is
 *     "Mutation.renameFile(id)": { of: "File" },
 * and that means: NOT_FOUND for everybody else, UNAUTHENTICATED without sign-in, FORBIDDEN below the role of `@auth`,
 * no error for the owner (for an operation of administrators: for an administrator). What differs is said by
 *     refusal: "EMPTY"          a filter: not an error but an empty list; { admin: "EMPTY" } when only administrators get that
 *     with: { input: {...} }    arguments that the operation needs to get as far as looking at the id
 *     fits: "every type"        the place takes ids of other types as well, so those are not tried
 *     owner: "CONFLICT"         what the owner gets for a thing just made, when it is an error; "skip: why" to not try
 * A new type of thing gets a function in THINGS that makes one for a given owner.
 */
export interface IdRow {
  of: keyof typeof THINGS;
  refusal?: Refusal | { user?: Refusal; admin?: Refusal };
  with?: Record<string, unknown>;
  fits?: "every type";
  owner?: ErrorCode | `skip: ${string}`;
}

export type Refusal = "NOT_FOUND" | "EMPTY";

/** One thing of each type, made for its owner; `collection` is where its document lies. No worker runs: transfers stay queued. */
export const THINGS = {
  File: { collection: "files", make: async (owner: Person) => (await upload(owner)).id },
  Folder: {
    collection: "folders",
    make: async (owner: Person) => (await owner.createFolder({ input: { name: "theirs" } })).createFolder.id,
  },
  Transfer: {
    collection: "transfers",
    make: async (owner: Person) => (await upload(owner)).transfer?.id ?? "",
  },
  Session: {
    collection: "sessions",
    make: async (owner: Person) => (await owner.sessions()).sessions.find((one) => one.isCurrent)?.id ?? "",
  },
  ShareLink: {
    collection: "sharelinks",
    make: async (owner: Person) => {
      const fileId = (await upload(owner)).id;
      return (await owner.createShareLink({ input: { fileId } })).createShareLink.id;
    },
  },
  BulkRun: {
    collection: "bulkRuns",
    make: async (owner: Person) => (await owner.archiveMatching({ where: {} })).archiveMatching.id,
  },
  User: { collection: "users", make: (owner: Person) => Promise.resolve(owner.id) },
} satisfies Record<string, { collection: string; make(owner: Person): Promise<string> }>;

export const ID_MATRIX: Readonly<Record<string, IdRow>> = {
  "Query.file(id)": { of: "File" },
  "Query.files(where.folderId)": { of: "Folder", refusal: "EMPTY" },
  "Query.files(where.ownerId)": { of: "User", refusal: { admin: "EMPTY" } },
  "Query.files(where.archivedById)": { of: "User", refusal: { admin: "EMPTY" } },
  "Query.archivedFolders(archivedById)": { of: "User", refusal: { admin: "EMPTY" } },
  "Query.users(where.archivedById)": { of: "User", refusal: { admin: "EMPTY" } },
  "Query.folder(id)": { of: "Folder" },
  "Query.folderPath(id)": { of: "Folder" },
  "Query.folders(parentId)": { of: "Folder" },
  "Query.folderSearch(folderId)": { of: "Folder" },
  "Query.transfer(id)": { of: "Transfer" },
  "Query.transfers(where.fileId)": { of: "File", refusal: "EMPTY" },
  "Query.transfers(where.ownerId)": { of: "User", refusal: { admin: "EMPTY" } },
  "Query.user(id)": { of: "User" },
  "Mutation.createZipLink(ids[])": { of: "File" },
  "Mutation.createZipLink(folderId)": { of: "Folder" },
  "Query.auditLog(where.actorId)": { of: "User", refusal: "EMPTY" },
  "Query.auditLog(where.targetId)": { of: "User", refusal: "EMPTY", fits: "every type" },
  "Mutation.updateUser(id)": { of: "User", with: { input: { role: "FREE" } } },
  "Mutation.unblockLane(id)": { of: "User", owner: "NOT_FOUND" },
  "Mutation.retryJob(id)": { of: "User", owner: "NOT_FOUND" },
  "Mutation.cancelJob(id)": { of: "User", owner: "NOT_FOUND" },
  "Mutation.retryDeadLetter(id)": { of: "User", owner: "NOT_FOUND", with: { kind: "REPAIR" } },
  "Mutation.setUserQuota(id)": { of: "User", with: { input: { files: 5 } } },
  "Mutation.startPasswordReset(userId)": { of: "User" },
  "Mutation.revokeSession(id)": { of: "Session", owner: "skip: it signs the owner out" },
  "Mutation.uploadFile(folderId)": { of: "Folder", with: { name: "theirs.bin" } },
  "Mutation.uploadFiles(folderId)": { of: "Folder", with: { folderName: "-", files: [] } },
  "Mutation.uploadFiles(parentId)": { of: "Folder", with: { folderName: "theirs", files: [] } },
  "Mutation.createFolder(input.parentId)": { of: "Folder", with: { input: { name: "mine" } } },
  "Mutation.renameFile(id)": { of: "File", with: { name: "mine.bin", onConflict: "RENAME" } },
  "Mutation.moveFiles(ids[])": { of: "File" },
  "Mutation.moveFiles(folderId)": { of: "Folder", with: { ids: [] } },
  // It waits to be stored, and no worker runs here.
  "Mutation.copyFiles(ids[])": { of: "File", owner: "CONFLICT" },
  "Mutation.copyFiles(folderId)": { of: "Folder", with: { ids: [] } },
  "Mutation.renameFolder(id)": { of: "Folder", with: { name: "mine" } },
  "Mutation.moveFolders(ids[])": { of: "Folder" },
  "Mutation.moveFolders(folderId)": { of: "Folder", with: { ids: [] } },
  "Mutation.copyFolders(ids[])": { of: "Folder", with: { onConflict: "RENAME" } },
  "Mutation.copyFolders(folderId)": { of: "Folder", with: { ids: [] } },
  "Mutation.pauseTransfer(id)": { of: "Transfer" },
  "Mutation.resumeTransfer(id)": { of: "Transfer" },
  "Mutation.cancelTransfer(id)": { of: "Transfer" },
  "Mutation.retryTransfer(id)": { of: "Transfer", owner: "CONFLICT" },
  "Mutation.archiveFiles(ids[])": { of: "File" },
  "Mutation.restoreFiles(ids[])": { of: "File" },
  "Mutation.purgeFiles(ids[])": { of: "File", owner: "CONFLICT" },
  "Mutation.archiveFolders(ids[])": { of: "Folder" },
  "Mutation.restoreFolders(ids[])": { of: "Folder" },
  "Mutation.purgeFolders(ids[])": { of: "Folder", owner: "CONFLICT" },
  "Mutation.archiveUsers(ids[])": { of: "User" },
  "Mutation.restoreUsers(ids[])": { of: "User" },
  "Mutation.purgeUsers(ids[])": { of: "User", owner: "CONFLICT" },
  "Mutation.purgeUsers(handOverTo)": { of: "User", with: { ids: [] } },
  "Mutation.archiveMatching(where.folderId)": { of: "Folder" },
  "Mutation.archiveMatching(where.ownerId)": { of: "User" },
  "Mutation.restoreMatching(where.folderId)": { of: "Folder" },
  "Mutation.restoreMatching(where.ownerId)": { of: "User" },
  "Mutation.purgeMatching(where.folderId)": { of: "Folder" },
  "Mutation.purgeMatching(where.ownerId)": { of: "User" },
  "Mutation.archiveMatching(where.archivedById)": { of: "User" },
  "Mutation.restoreMatching(where.archivedById)": { of: "User" },
  "Mutation.purgeMatching(where.archivedById)": { of: "User" },
  "Mutation.cancelBulkRun(id)": { of: "BulkRun" },
  "Query.bulkRun(id)": { of: "BulkRun" },
  // A purge has the id of the file; one that is not being purged has none.
  "Query.purge(id)": { of: "File", owner: "NOT_FOUND" },
  "Query.shareLink(id)": { of: "ShareLink" },
  "Query.shareLinks(fileId)": { of: "File" },
  "Query.shareLinks(folderId)": { of: "Folder" },
  "Query.shareLinks(ownerId)": { of: "User", refusal: { admin: "EMPTY" } },
  "Mutation.createShareLink(input.fileId)": { of: "File" },
  "Mutation.createShareLink(input.folderId)": { of: "Folder" },
  "Mutation.revokeShareLink(id)": { of: "ShareLink" },
  "Subscription.transferProgress(fileId)": { of: "File" },
};

function upload(owner: Person) {
  return owner.upload(Buffer.from("somebody's bytes"), { name: "theirs.bin" });
}
