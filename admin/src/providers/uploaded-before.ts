import type { FileState } from "../generated/graphql.js";
import { folderChoices } from "../places/place.calls.js";
import { UploadedFilesDocument } from "../uploads/upload.documents.js";
import { fetchData } from "./calls.js";
import { pathKey } from "./upload-source.js";
import type { UploadStart } from "./large-folder.js";
import type { NamedFile } from "./upload-source.js";

/** Such files are listed, and have no bytes. */
const WITHOUT_BYTES: readonly FileState[] = ["RECEIVING", "CANCELLED", "LOST"];

export interface UploadedBefore extends UploadStart {
  /** Whether the server still holds the place for it: it does not know yet that nobody sends it any more. */
  isUnderWay: (file: NamedFile) => boolean;
}

interface Page<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/**
 * What an upload that broke off left: looks through a folder, and all folders in it.
 * @throws HttpError NOT_FOUND when the folder is gone
 */
export async function uploadedBefore(rootId: string, signal: AbortSignal): Promise<UploadedBefore> {
  const folders = new Map([["", rootId]]);
  const files = new Set<string>();
  const underWay = new Set<string>();
  // A map goes on with what is added while it is gone through.
  for (const [path, folderId] of folders) {
    signal.throwIfAborted();
    const inside = (name: string) => pathKey(path === "" ? name : `${path}/${name}`);
    const found = await all(
      async (after) => (await fetchData(UploadedFilesDocument, { folderId, after })).files,
    );
    for (const { name, size, state } of found) {
      if (state === "RECEIVING") underWay.add(inside(name));
      if (!WITHOUT_BYTES.includes(state)) files.add(`${size} ${inside(name)}`);
    }
    for (const { id, name } of await all((after) => folderChoices(folderId, after)))
      folders.set(inside(name), id);
  }
  return {
    folders,
    has: ({ path, file }) => files.has(`${file.size} ${pathKey(path)}`),
    isUnderWay: ({ path }) => underWay.has(pathKey(path)),
  };
}

async function all<Node>(pageAfter: (after: string | undefined) => Promise<Page<Node>>): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | undefined; ;) {
    const page = await pageAfter(after);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor ?? undefined;
  }
}
