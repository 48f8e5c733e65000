import { AppBar, TitlePortal } from "react-admin";
import { AccountMenu } from "../account/account-menu.js";
import { Brand } from "./brand.js";

export function ConsoleAppBar() {
  return (
    <AppBar
      color="inherit"
      elevation={0}
      userMenu={<AccountMenu />}
      sx={(theme) => ({
        backgroundColor: theme.palette.background.paper,
        borderBottom: `1px solid ${theme.palette.divider}`,
      })}
    >
      <Brand sx={{ display: { xs: "none", sm: "flex" }, mr: 2 }} />
      <TitlePortal component="h1" sx={{ fontSize: "1rem", fontWeight: 500, color: "text.secondary" }} />
    </AppBar>
  );
}
