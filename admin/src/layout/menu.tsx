import { Menu } from "react-admin";

export function ConsoleMenu() {
  return (
    <Menu component="nav" aria-label="Main">
      <Menu.DashboardItem />
      <Menu.ResourceItem name="files" />
      <Menu.ResourceItem name="folders" />
      <Menu.ResourceItem name="transfers" />
    </Menu>
  );
}
