import PeopleIcon from "@mui/icons-material/PeopleOutlined";
import { UserEdit } from "./user-edit.js";
import { UserList } from "./user-list.js";
import { UserShow } from "./user-show.js";

export const users = {
  name: "users",
  list: UserList,
  show: UserShow,
  edit: UserEdit,
  icon: PeopleIcon,
  recordRepresentation: "username",
};
