export const FOLDER_STATES = ["EMPTY", "TRANSFERRING", "STORED", "PARTIAL", "FAILED"] as const;
export type FolderState = (typeof FOLDER_STATES)[number];

/** A member of a batch upload that failed alone, and why. */
export interface FailedUpload {
  path: string;
  code: string;
  message: string;
}

/** A named, nestable set of files. A batch upload makes one. */
export interface Folder {
  id: string;
  name: string;
  ownerId: string;
  parentId: string | undefined;
  createdAt: Date;
  archivedAt: Date | undefined;
  failedUploads: FailedUpload[];
}
