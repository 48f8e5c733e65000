import { setMaxListeners } from "node:events";
import type { AgendaQueue } from "../adapters/agenda/agenda-queue.js";
import type { Stores } from "./stores.js";
import type { JobHandlers } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import { repeat } from "../kernel/repeat.js";
import type { Services } from "./services.js";

const RECONCILE_MS = 2_000;
const SWEEP_MS = 10_000;

/** Begins to work through jobs, and to look for work that nobody was woken for. */
export async function startWork(
  services: Services,
  stores: Stores,
  queue: AgendaQueue,
  log: Logger,
): Promise<() => Promise<void>> {
  const handlers: JobHandlers = {
    "transfer.send": ({ transferId }, signal) => services.sender.run(transferId, signal),
    "transfer.clean": ({ transferId }, signal) => services.cleaner.clean(transferId, signal),
    "blob.repair": ({ blobId }, signal) => services.repairs.repair(blobId, signal),
    "archive.purge": ({ purgeId }, signal) => services.archives.worker.run(purgeId, signal),
    "archive.run": ({ runId }, signal) => services.archives.runWorker.run(runId, signal),
    "folder.copy": ({ copyId }, signal) => services.folderPlacing.copyWorker.run(copyId, signal),
  };
  await queue.start(handlers);
  const stopping = new AbortController();
  // Each sweep listens while it pauses; from eleven on Node would take them for a leak.
  setMaxListeners(0, stopping.signal);
  const failed = (error: unknown): void => log.error({ err: error }, "a sweep failed; it is done again");
  const sweeps = [
    repeat(RECONCILE_MS, () => services.transfers.reconcile(), failed, stopping.signal),
    repeat(RECONCILE_MS, (signal) => services.cleaner.sweep(signal), failed, stopping.signal),
    repeat(RECONCILE_MS, () => services.archives.purges.sweep(), failed, stopping.signal),
    repeat(RECONCILE_MS, (signal) => services.statistics.sweep(signal), failed, stopping.signal),
    repeat(RECONCILE_MS, () => services.archives.runs.sweep(), failed, stopping.signal),
    repeat(RECONCILE_MS, () => services.folderPlacing.copies.sweep(), failed, stopping.signal),
    repeat(RECONCILE_MS, (signal) => stores.ownerRoles.followRoles(signal), failed, stopping.signal),
    ...[
      (signal: AbortSignal) => services.uploads.sweep(signal),
      (signal: AbortSignal) => services.places.files.sweep(signal),
      () => services.folderPlacing.places.sweep(),
      () => services.turns.sweep(),
      (signal: AbortSignal) => services.store.releaseStaged(signal),
      (signal: AbortSignal) => services.orphans.sweep(signal),
      () => services.heartbeat(),
      (signal: AbortSignal) => services.disposal.sweep(signal),
      () => services.archives.folders.sweep(),
      (signal: AbortSignal) => services.archives.retention.sweep(signal),
      async () => {
        for (const blobId of await stores.blobs.needingRepair(100))
          await queue.wake("blob.repair", { blobId });
      },
    ].map((sweep) => repeat(SWEEP_MS, sweep, failed, stopping.signal)),
  ];
  return async () => {
    stopping.abort();
    await Promise.all([queue.stop(), ...sweeps]);
  };
}
