/** Job name -> payload. Payloads carry ids only: a job wakes a worker, the documents tell it what to do. */
export interface Jobs {
  "transfer.send": { transferId: string };
  "transfer.clean": { transferId: string };
  "blob.repair": { blobId: string };
  "archive.purge": { purgeId: string };
  "archive.run": { runId: string };
  "folder.copy": { copyId: string };
}

export type JobName = keyof Jobs;

/** One handler for each job: forgetting one does not compile. Handlers survive running twice. */
export type JobHandlers = { [N in JobName]: (data: Jobs[N], signal: AbortSignal) => Promise<void> };

/** Wakes a worker. Losing or doubling a wake-up costs nothing: a reconciler derives due work from documents. */
export interface JobQueue {
  wake<N extends JobName>(name: N, data: Jobs[N]): Promise<void>;
}
