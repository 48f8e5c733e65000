import { useLogout } from "react-admin";
import { useEffect } from "react";
import { session } from "../providers/graphql-client.js";

/** Goes to the sign-in page once the session is over, wherever it was ended; from there, back to this page. */
export function useLostSession(): void {
  const logout = useLogout();
  useEffect(() => session.onLoss(() => void logout()), [logout]);
}
