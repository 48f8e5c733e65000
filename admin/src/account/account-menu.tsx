import PersonIcon from "@mui/icons-material/PersonOutlined";
import LogoutIcon from "@mui/icons-material/PowerSettingsNew";
import { ListItemIcon, ListItemText, MenuItem } from "@mui/material";
import { Confirm, useLogout, UserMenu, useUserMenu } from "react-admin";
import { useState } from "react";
import { Link } from "react-router-dom";
import { useUploadQueue } from "../uploads/uploads-provider.js";

/** What hangs behind the user's name in the app bar. */
export function AccountMenu() {
  const queue = useUploadQueue();
  const signOut = useLogout();
  const [asking, setAsking] = useState(false);
  // Not to the page that one leaves: somebody else may sign in next.
  const leave = () => void signOut(undefined, undefined, false);
  return (
    <>
      <UserMenu>
        <AccountItem />
        <LogoutItem onClick={() => (queue.isBusy ? setAsking(true) : leave())} />
      </UserMenu>
      <Confirm
        isOpen={asking}
        title="Sign out while files are being uploaded?"
        content="What has not been received yet is not uploaded. What has goes on to Telegram by itself."
        confirm="Sign out"
        cancel="Stay"
        confirmColor="warning"
        onConfirm={leave}
        onClose={() => setAsking(false)}
      />
    </>
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

function LogoutItem({ onClick }: { onClick: () => void }) {
  const menu = useUserMenu();
  const choose = () => {
    menu?.onClose();
    onClick();
  };
  return (
    <MenuItem onClick={choose}>
      <ListItemIcon>
        <LogoutIcon fontSize="small" />
      </ListItemIcon>
      <ListItemText>Logout</ListItemText>
    </MenuItem>
  );
}
