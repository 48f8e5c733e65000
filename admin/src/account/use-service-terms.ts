import { useQuery } from "@tanstack/react-query";
import { serviceTerms } from "../providers/account.js";

/** Who may make an account here, and what may be uploaded without one; undefined until the server has said so. */
export function useServiceTerms() {
  return useQuery({ queryKey: ["service"], queryFn: serviceTerms, staleTime: 60_000 }).data;
}
