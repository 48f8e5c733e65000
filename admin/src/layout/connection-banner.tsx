import { Alert, Box } from "@mui/material";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useLive } from "../transfers/live-transfers-provider.js";

/** A connection that is made anew, as each time a token ran out, is none that is lost. */
const PATIENCE_MS = 3_000;

/** Says that what is shown may be old, and why. */
export function ConnectionBanner() {
  const { connected } = useLive();
  const isOnline = useSyncExternalStore(followNetwork, () => navigator.onLine);
  const isLost = useLasting(!connected, PATIENCE_MS);
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
