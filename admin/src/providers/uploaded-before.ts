import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { FileState } from "../generated/graphql.js";
import { UploadedFilesDocument, UploadedFoldersDocument } from "../uploads/upload.documents.js";
import { fetchData } from "./calls.js";
import { pathKey } from "./upload-source.js";
import type { NamedFile } from "./upload-source.js";

/** Such files are listed, and have no bytes. */
const WITHOUT_BYTES: readonly FileState[] = ["RECEIVING", "CANCELLED", "LOST"];

/** What an upload that broke off left: the ids of its folders by their paths, and what its files are. */
export interface UploadedBefore {
  folders: ReadonlyMap<string, string>;
  has(file: NamedFile): boolean;
}

interface Page<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/**
 * Looks through a folder, and all folders in it.
 * @throws HttpError NOT_FOUND when the folder is gone
 */
export async function uploadedBefore(rootId: string, signal: AbortSignal): Promise<UploadedBefore> {
  const folders = new Map([["", rootId]]);
  const files = new Set<string>();
  // A map goes on with what is added while it is gone through.
  for (const [path, folderId] of folders) {
    signal.throwIfAborted();
    const inside = (name: string) => pathKey(path === "" ? name : `${path}/${name}`);
    const found = await all(UploadedFilesDocument, folderId, ({ files: page }) => page);
    for (const { name, size, state } of found)
      if (!WITHOUT_BYTES.includes(state)) files.add(`${size} ${inside(name)}`);
    for (const { id, name } of await all(UploadedFoldersDocument, folderId, (data) => data.folders))
      folders.set(inside(name), id);
  }
  return { folders, has: ({ path, file }) => files.has(`${file.size} ${pathKey(path)}`) };
}

async function all<Data, Node>(
  document: TypedDocumentNode<Data, { folderId: string; after?: string | null }>,
  folderId: string,
  pageOf: (data: Data) => Page<Node>,
): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | undefined; ;) {
    const page = pageOf(await fetchData(document, { folderId, ...(after !== undefined && { after }) }));
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor ?? undefined;
  }
}
