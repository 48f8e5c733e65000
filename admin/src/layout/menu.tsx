import FactCheckIcon from "@mui/icons-material/FactCheckOutlined";
import ForumIcon from "@mui/icons-material/ForumOutlined";
import ListAltIcon from "@mui/icons-material/ListAltOutlined";
import { Divider, Typography } from "@mui/material";
import { Menu, useCreatePath, useSidebarState } from "react-admin";
import { useMatch } from "react-router-dom";
import { useIsAdmin } from "./use-is-admin.js";

export function ConsoleMenu() {
  const isAdmin = useIsAdmin();
  const isInFolder = useMatch("/folders/*") !== null;
  return (
    <Menu component="nav" aria-label="Main">
      <Menu.DashboardItem />
      <Menu.ResourceItem name="files" {...(isInFolder && { className: "RaMenuItemLink-active" })} />
      <Menu.ResourceItem name="transfers" />
      <Menu.ResourceItem name="shares" />
      <Menu.ResourceItem name="archive" />
      {isAdmin && <AdministrationItems />}
    </Menu>
  );
}

/** What only administrators see; the server refuses everybody else. */
function AdministrationItems() {
  const [open] = useSidebarState();
  const createPath = useCreatePath();
  const to = (page: string) => createPath({ resource: page, type: "list" });
  return (
    <>
      <Divider role="presentation" sx={{ my: 1 }} />
      {open && (
        <Typography
          role="presentation"
          variant="caption"
          sx={{ color: "text.secondary", fontWeight: 600, px: 2.25, py: 0.5 }}
        >
          Administration
        </Typography>
      )}
      <Menu.ResourceItem name="users" />
      <Menu.ResourceItem name="runs" />
      <Menu.ResourceItem name="audit" />
      <Menu.Item to={to("jobs")} primaryText="Jobs" leftIcon={<ListAltIcon />} />
      <Menu.Item to={to("lanes")} primaryText="Lanes" leftIcon={<ForumIcon />} />
      <Menu.Item to={to("checks")} primaryText="Checks" leftIcon={<FactCheckIcon />} />
    </>
  );
}
