import FolderIcon from "@mui/icons-material/FolderOutlined";
import { FolderList } from "./folder-list.js";
import { FolderShow } from "./folder-show.js";

export const folders = {
  name: "folders",
  list: FolderList,
  show: FolderShow,
  icon: FolderIcon,
  recordRepresentation: "name",
};
