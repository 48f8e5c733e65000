import { useQueryClient } from "@tanstack/react-query";
import { useDataProvider, usePermissions } from "react-admin";
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { onLink, watchTransfers } from "../providers/live.js";
import { readAllAgain } from "../providers/read-all-again.js";
import { LiveTransfers } from "./live-transfers.js";
import type { Progress } from "./live-transfers.js";
import type { TransferRow } from "./transfer.queries.js";
import { unhurried } from "./unhurried.js";

interface Live {
  transfers: LiveTransfers;
  /** False while the connection for live progress is lost and being made again. */
  connected: boolean;
}

const LiveContext = createContext<Live>({ transfers: new LiveTransfers(), connected: true });

/** Holds the one subscription of this tab. It stands in the layout, so it survives moving between pages. */
export function LiveTransfersProvider({ children }: { children: ReactNode }) {
  const [transfers] = useState(() => new LiveTransfers());
  const [connected, setConnected] = useState(true);
  const { permissions } = usePermissions<string>();
  const queries = useQueryClient();
  const provider = useDataProvider();

  useEffect(() => {
    if (permissions === undefined) return undefined;
    const readAgain = unhurried(() => readAllAgain(queries));
    return watchTransfers(permissions === "ADMIN", (progress) => {
      if (transfers.apply(progress)) readAgain();
    });
  }, [permissions, transfers, queries]);

  useEffect(() => {
    let wasLost = false;
    return onLink((link) => {
      setConnected(link === "connected");
      // Events were missed: read everything again instead of believing the last ones.
      if (link === "connected" && wasLost) {
        void learnAgain(transfers.forgetUnfinished(), transfers, (id) =>
          provider.getOne("transfers", { id }),
        );
        void readAllAgain(queries);
      }
      wasLost = link === "lost";
    });
  }, [transfers, queries, provider]);

  return <LiveContext.Provider value={{ transfers, connected }}>{children}</LiveContext.Provider>;
}

/** One after the other: of those that came to their end meanwhile, there is no event any more. */
async function learnAgain(
  missed: readonly Progress[],
  transfers: LiveTransfers,
  read: (transferId: string) => Promise<{ data: TransferRow }>,
): Promise<void> {
  for (const { fileId, transferId } of missed) {
    const found = await read(transferId).catch(() => undefined);
    if (found) transfers.learn(fileId, found.data);
  }
}

export function useLive(): Live {
  return useContext(LiveContext);
}

export function useLiveProgress(fileId: string | undefined): Progress | undefined {
  const { transfers } = useLive();
  return useSyncExternalStore(transfers.subscribe, () => transfers.get(fileId));
}
