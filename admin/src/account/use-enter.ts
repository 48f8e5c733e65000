import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router-dom";

/**
 * Goes on into the console as whoever has a session since this moment. The pages for those without one were opened with
 * the answer that nobody is signed in: with that one still remembered, the next page would end the new session.
 */
export function useEnter(): () => Promise<void> {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: ["auth"] });
    await navigate("/");
  };
}
