import type { Counters } from "../dashboard/statistics.documents.js";
import { CountersDocument } from "../dashboard/statistics.documents.js";
import type { ProgressFragment } from "../generated/graphql.js";
import { AllTransferProgressDocument, TransferProgressDocument } from "../transfers/transfer.queries.js";
import { client } from "./graphql-client.js";

export { onLink } from "./graphql-client.js";

const AGAIN_AFTER_MS = 5_000;

/** Follows the transfers of everybody or of the viewer; returns the function that stops. Comes back after failures. */
export function watchTransfers(
  everybody: boolean,
  onProgress: (progress: ProgressFragment) => void,
): () => void {
  return follow((ends) =>
    everybody
      ? client.subscribe({ query: AllTransferProgressDocument }).subscribe({
          next: ({ data }) => data && onProgress(data.allTransferProgress),
          ...ends,
        })
      : client.subscribe({ query: TransferProgressDocument }).subscribe({
          next: ({ data }) => data && onProgress(data.transferProgress),
          ...ends,
        }),
  );
}

/** Follows the numbers of an administrator's dashboard, alike. */
export function watchCounters(onCounters: (counters: Counters) => void): () => void {
  return follow((ends) =>
    client
      .subscribe({ query: CountersDocument })
      .subscribe({ next: ({ data }) => data && onCounters(data.counters), ...ends }),
  );
}

interface Ends {
  error: () => void;
  complete: () => void;
}

function follow(subscribe: (ends: Ends) => { unsubscribe: () => void }): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let subscription: { unsubscribe: () => void } | undefined;

  const again = () => {
    timer = setTimeout(start, AGAIN_AFTER_MS);
  };
  const start = () => {
    subscription = subscribe({ error: again, complete: again });
  };

  start();
  return () => {
    clearTimeout(timer);
    subscription?.unsubscribe();
  };
}
