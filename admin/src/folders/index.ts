import { FolderShow } from "./folder-show.js";

/** The top is the list of files; folders have no list of their own. */
export const folders = {
  name: "folders",
  show: FolderShow,
  recordRepresentation: "name",
};
