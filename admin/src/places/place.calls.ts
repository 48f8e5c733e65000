import type { NameConflict } from "../generated/graphql.js";
import { graphql } from "../generated/gql.js";
import { change, fetchData } from "../providers/calls.js";

export type PlacedKind = "file" | "folder";

/** What is given another place together: files, or folders. */
export interface PlacedThings {
  kind: PlacedKind;
  ids: readonly string[];
  /** What they are called together, at the beginning of a sentence. */
  what: string;
}

const RenameFileDocument = graphql(`
  mutation RenameFile($id: ID!, $name: String!, $onConflict: NameConflict!) {
    renameFile(id: $id, name: $name, onConflict: $onConflict) {
      id
    }
  }
`);

const RenameFolderDocument = graphql(`
  mutation RenameFolder($id: ID!, $name: String!, $onConflict: NameConflict!) {
    renameFolder(id: $id, name: $name, onConflict: $onConflict) {
      id
    }
  }
`);

const MoveFilesDocument = graphql(`
  mutation MoveFiles($ids: [ID!]!, $folderId: ID, $onConflict: NameConflict!) {
    moveFiles(ids: $ids, folderId: $folderId, onConflict: $onConflict) {
      id
    }
  }
`);

const MoveFoldersDocument = graphql(`
  mutation MoveFolders($ids: [ID!]!, $folderId: ID, $onConflict: NameConflict!) {
    moveFolders(ids: $ids, folderId: $folderId, onConflict: $onConflict) {
      id
    }
  }
`);

const CopyFilesDocument = graphql(`
  mutation CopyFiles($ids: [ID!]!, $folderId: ID, $onConflict: NameConflict!) {
    copyFiles(ids: $ids, folderId: $folderId, onConflict: $onConflict) {
      id
    }
  }
`);

const CopyFoldersDocument = graphql(`
  mutation CopyFolders($ids: [ID!]!, $folderId: ID, $onConflict: NameConflict!) {
    copyFolders(ids: $ids, folderId: $folderId, onConflict: $onConflict) {
      id
    }
  }
`);

const FolderChoicesDocument = graphql(`
  query FolderChoices($parentId: ID, $after: String) {
    folders(parentId: $parentId, first: 100, after: $after) {
      nodes {
        id
        name
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export function rename(kind: PlacedKind, id: string, name: string, onConflict: NameConflict) {
  const what = { id, name, onConflict };
  return kind === "file" ? change(RenameFileDocument, what) : change(RenameFolderDocument, what);
}

/** @param folderId null: to the top */
export function move(
  { kind, ids }: PlacedThings,
  folderId: string | null,
  onConflict: NameConflict,
): Promise<unknown> {
  const what = { ids: [...ids], folderId, onConflict };
  return kind === "file" ? change(MoveFilesDocument, what) : change(MoveFoldersDocument, what);
}

/** Files are copied when this is answered; folders are there then, and fill up. */
export function copy(
  { kind, ids }: PlacedThings,
  folderId: string | null,
  onConflict: NameConflict,
): Promise<unknown> {
  const what = { ids: [...ids], folderId, onConflict };
  return kind === "file" ? change(CopyFilesDocument, what) : change(CopyFoldersDocument, what);
}

/** Up to 100 of the viewer's folders in a folder, or at the top. */
export async function folderChoices(parentId: string | undefined, after: string | undefined) {
  const variables = { ...(parentId !== undefined && { parentId }), ...(after !== undefined && { after }) };
  return (await fetchData(FolderChoicesDocument, variables)).folders;
}
