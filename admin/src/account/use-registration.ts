import { useQuery } from "@tanstack/react-query";
import { registrationMode } from "../providers/account.js";

/** Who may make an account here; undefined until the server has said so. */
export function useRegistration() {
  return useQuery({ queryKey: ["registration"], queryFn: registrationMode, staleTime: 60_000 }).data;
}
