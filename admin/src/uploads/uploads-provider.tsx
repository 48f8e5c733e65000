import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { session } from "../providers/graphql-client.js";
import { readAllAgain } from "../providers/read-all-again.js";
import * as uploader from "../providers/uploader.js";
import { useLive } from "../transfers/live-transfers-provider.js";
import { unhurried } from "../transfers/unhurried.js";
import { tabMemory } from "./unfinished.js";
import { isUnderWay, UploadQueue } from "./upload-queue.js";
import type { Upload } from "./upload-queue.js";

const UploadsContext = createContext<UploadQueue | undefined>(undefined);

/** Uploads belong to the layout, so they go on while the user moves between pages. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { transfers } = useLive();
  const [queue] = useState(() => {
    const readAgain = unhurried(() => readAllAgain(queries));
    const onDone = ({ file }: Upload) => {
      // Should the connection for events be lost right now, it is known that there is something to ask for.
      if (file?.transfer) transfers.learn(file.id, file.transfer);
      readAgain();
    };
    return new UploadQueue(uploader, onDone, tabMemory);
  });
  useLeaveWarning(queue);
  return <UploadsContext.Provider value={queue}>{children}</UploadsContext.Provider>;
}

export function useUploadQueue(): UploadQueue {
  const queue = useContext(UploadsContext);
  if (!queue) throw new Error("Uploads need the console's layout around them.");
  return queue;
}

export function useUploads(): readonly Upload[] {
  const queue = useUploadQueue();
  return useSyncExternalStore(queue.subscribe, queue.list);
}

// Only bytes that have not left the browser are lost by leaving; the way to Telegram goes on without it.
function useLeaveWarning(queue: UploadQueue): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (queue.isBusy) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    window.addEventListener("online", queue.goOn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("online", queue.goOn);
      queue.close(!session.isLost);
    };
  }, [queue]);

  useEffect(() => {
    const showPercent = () => {
      const busy = queue.list().filter(({ state }) => isUnderWay(state));
      const total = busy.reduce((sum, { size }) => sum + size, 0);
      const sent = busy.reduce((sum, upload) => sum + upload.sent, 0);
      document.title =
        busy.length > 0 ? `${Math.floor((sent / Math.max(1, total)) * 100)} % · Telestash` : "Telestash";
    };
    const stop = queue.subscribe(showPercent);
    return () => {
      stop();
      document.title = "Telestash";
    };
  }, [queue]);
}
