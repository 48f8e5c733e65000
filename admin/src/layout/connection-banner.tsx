import { Alert, Box } from "@mui/material";
import { useQueryClient } from "@tanstack/react-query";
import { useGetIdentity } from "react-admin";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useLive } from "../transfers/live-transfers-provider.js";

/** A connection that is made anew, as each time a token ran out, is none that is lost. */
const PATIENCE_MS = 3_000;
const ASK_AGAIN_MS = 5_000;

/** Says that what is shown may be old, and why. */
export function ConnectionBanner() {
  const { connected } = useLive();
  const isOnline = useSyncExternalStore(followNetwork, () => navigator.onLine);
  const isKnown = useKnownViewer();
  const isLost = useLasting(!connected || !isKnown, PATIENCE_MS);
  return (
    <Box role="status">
      {!isOnline && (
        <Alert severity="warning" sx={{ mt: 1 }}>
          You are offline. What you see may be out of date; everything goes on by itself when the network is
          back.
        </Alert>
      )}
      {isOnline && isLost && (
        <Alert severity="warning" sx={{ mt: 1 }}>
          The connection to the server is lost. What you see may be out of date; the console keeps trying.
        </Alert>
      )}
    </Box>
  );
}

/** Whether it is known who looks: without, pages stay empty. Asks until it is. */
function useKnownViewer(): boolean {
  const { identity, error } = useGetIdentity();
  const queries = useQueryClient();
  useEffect(() => {
    if (!error) return undefined;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ["auth"] }), ASK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [error, queries]);
  return identity !== undefined;
}

/** Whether something is so for a while already. */
function useLasting(isSo: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!isSo) return undefined;
    const timer = setTimeout(() => setLasts(true), ms);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [isSo, ms]);
  return isSo && lasts;
}

function followNetwork(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
