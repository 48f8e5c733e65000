import PlaylistAddCheckIcon from "@mui/icons-material/PlaylistAddCheck";
import { RunList } from "./run-list.js";

export const runs = {
  name: "runs",
  list: RunList,
  icon: PlaylistAddCheckIcon,
  options: { label: "Bulk runs" },
};
