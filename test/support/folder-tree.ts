import { expect } from "vitest";
import type { Database } from "./audit.js";

export interface FolderRow {
  _id: string;
  name: string;
  nameKey: string;
  ownerId: string;
  parentId?: string;
  path: string[];
  slot?: string;
  archivedAt?: Date;
  archivedWith?: string;
  change?: unknown;
}

/**
 * Every folder's path is its parent's and the parent; every file's are its folder's and the folder. Every live folder has
 * the place of its name where it lies, so none shares it; no folder lies in one that is not there.
 */
export async function expectFolderTree({ db }: Database): Promise<void> {
  const folders = await db.collection<FolderRow>("folders").find().toArray();
  const byId = new Map(folders.map((one) => [one._id, one]));
  const pathOf = (id: string | undefined): string[] => {
    const parent = id === undefined ? undefined : byId.get(id);
    return parent === undefined ? [] : [...pathOf(parent.parentId), parent._id];
  };
  for (const one of folders) {
    expect(one.path, `the path of ${one.name}`).toEqual(pathOf(one.parentId));
    expect(one.parentId === undefined || byId.has(one.parentId), `the parent of ${one.name}`).toBe(true);
  }
  const live = folders.filter(({ archivedAt, change }) => archivedAt === undefined && change === undefined);
  for (const { name, slot, parentId = "", nameKey } of live)
    expect(slot, `the place of ${name}`).toBe(`${parentId}/${nameKey}`);
  const files = db.collection<{ _id: string; folderId?: string; folderIds: string[] }>("files").find();
  for (const one of await files.toArray()) expect(one.folderIds).toEqual(pathOf(one.folderId));
}
