import InsertDriveFileIcon from "@mui/icons-material/InsertDriveFileOutlined";
import { FileList } from "./file-list.js";
import { FileShow } from "./file-show.js";

export const files = {
  name: "files",
  list: FileList,
  show: FileShow,
  icon: InsertDriveFileIcon,
  recordRepresentation: "name",
};
