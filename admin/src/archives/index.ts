import ArchiveIcon from "@mui/icons-material/ArchiveOutlined";
import { ArchiveList } from "./archive-list.js";

export const archive = {
  name: "archive",
  list: ArchiveList,
  icon: ArchiveIcon,
  options: { label: "Archive" },
};
