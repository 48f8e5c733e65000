import { usePermissions } from "react-admin";

export function useIsAdmin(): boolean {
  return usePermissions<string>().permissions === "ADMIN";
}
