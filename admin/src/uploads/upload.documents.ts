import { graphql } from "../generated/gql.js";

export const UploadFileDocument = graphql(`
  mutation UploadFile($file: Upload!, $name: String, $folderId: ID, $uploadKey: String) {
    uploadFile(file: $file, name: $name, folderId: $folderId, uploadKey: $uploadKey) {
      ...UploadedFile
    }
  }

  fragment UploadedFile on File {
    id
    name
    state
    transfer {
      ...TransferRow
    }
  }
`);

/** What became of an upload whose answer was lost. */
export const UploadedFileDocument = graphql(`
  query UploadedFile($uploadKey: String!) {
    uploadedFile(uploadKey: $uploadKey) {
      ...UploadedFile
    }
  }
`);

export const UploadFolderDocument = graphql(`
  mutation UploadFolder($files: [Upload!]!, $paths: [String!], $folderName: String!, $folderId: ID) {
    uploadFiles(files: $files, paths: $paths, folderName: $folderName, folderId: $folderId) {
      ...UploadedFolder
    }
  }

  fragment UploadedFolder on Folder {
    id
    name
    failedUploads {
      path
      code
      message
    }
  }
`);

export const MakeUploadFolderDocument = graphql(`
  mutation MakeUploadFolder($name: String!, $parentId: ID) {
    createFolder(input: { name: $name, parentId: $parentId }) {
      id
    }
  }
`);

/** What of an upload is there already: its files, and its folders. */
export const UploadedFilesDocument = graphql(`
  query UploadedFiles($folderId: ID!, $after: String) {
    files(where: { folderId: $folderId }, first: 100, after: $after) {
      nodes {
        name
        size
        state
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
