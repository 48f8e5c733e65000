import { graphql } from "../generated/gql.js";
import type { FilePartsQuery } from "../generated/graphql.js";
import { fetchData } from "../providers/calls.js";

const FilePartsDocument = graphql(`
  query FileParts($id: ID!, $after: String) {
    file(id: $id) {
      id
      parts(first: 25, after: $after) {
        nodes {
          index
          size
          replicas {
            chat
            messageId
            bot
            fileId
            fileUniqueId
            size
            verifiedAt
            suspectAt
          }
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export type FilePartsPage = FilePartsQuery["file"]["parts"];
export type PartRow = FilePartsPage["nodes"][number];

/** A page of a file's parts, for administrators. */
export async function fileParts(id: string, after: string | undefined): Promise<FilePartsPage> {
  return (await fetchData(FilePartsDocument, { id, after: after ?? null })).file.parts;
}
