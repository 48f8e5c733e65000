import PersonIcon from "@mui/icons-material/PersonOutlined";
import { ListItemIcon, ListItemText, MenuItem } from "@mui/material";
import { Logout, UserMenu, useUserMenu } from "react-admin";
import { Link } from "react-router-dom";

/** What hangs behind the user's name in the app bar. */
export function AccountMenu() {
  return (
    <UserMenu>
      <AccountItem />
      <Logout />
    </UserMenu>
  );
}

function AccountItem() {
  const menu = useUserMenu();
  return (
    <MenuItem component={Link} to="/account" onClick={() => menu?.onClose()}>
      <ListItemIcon>
        <PersonIcon fontSize="small" />
      </ListItemIcon>
      <ListItemText>Account</ListItemText>
    </MenuItem>
  );
}
