import LinkIcon from "@mui/icons-material/Link";
import { ShareList } from "./share-list.js";

export const shares = {
  name: "shares",
  list: ShareList,
  icon: LinkIcon,
  options: { label: "Share links" },
};
