import { graphql } from "../generated/gql.js";

export const UploadFileDocument = graphql(`
  mutation UploadFile($file: Upload!, $name: String, $folderId: ID) {
    uploadFile(file: $file, name: $name, folderId: $folderId) {
      ...UploadedFile
    }
  }

  fragment UploadedFile on File {
    id
    name
    state
  }
`);

export const UploadFolderDocument = graphql(`
  mutation UploadFolder($files: [Upload!]!, $paths: [String!], $folderName: String!, $parentId: ID) {
    uploadFiles(files: $files, paths: $paths, folderName: $folderName, parentId: $parentId) {
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
