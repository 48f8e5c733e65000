import { formatBytes, formatDuration, formatFiles, percentOf } from "../display/format.js";
import type { Progress } from "../transfers/live-transfers.js";
import { progressText, transferPercent } from "../transfers/progress-text.js";
import { isUnderWay } from "./upload-queue.js";
import type { Upload } from "./upload-queue.js";

/** Half of the bar is the way out of the browser, half the way to Telegram: it is full when the file is stored. */
export function uploadPercent(upload: Upload, live: Progress | undefined): number | undefined {
  if (isUnderWay(upload.state)) return Math.floor(percentOf(upload.sent, upload.size) / 2);
  if (upload.state !== "done" || upload.folder) return undefined;
  if (live?.state === "FAILED" || live?.state === "CANCELLED") return undefined;
  return live ? 50 + Math.floor(transferPercent(live) / 2) : upload.file?.state === "STORED" ? 100 : 50;
}

export function uploadText(upload: Upload, live: Progress | undefined, now: Date): string {
  switch (upload.state) {
    case "waiting":
      return upload.isUnanswered
        ? "The connection was lost. Goes on by itself once the server answers."
        : "Waiting to upload";
    case "sending":
      return receiving(upload);
    case "staging":
      return "Received, being staged";
    case "interrupted":
      return upload.source.kind === "lost" && upload.source.was === "folder"
        ? "Interrupted when the page was left. Choose the folder again."
        : "Interrupted when the page was left. Choose the file again.";
    case "failed":
      return upload.error ?? "Failed";
    case "cancelled":
      return "Cancelled";
    case "done":
      return doneText(upload, live, now);
  }
}

function receiving({ sent, size, bytesPerSecond }: Upload): string {
  const so = `Receiving ${formatBytes(sent)} of ${formatBytes(size)}`;
  if (!bytesPerSecond) return so;
  return `${so} · ${formatBytes(bytesPerSecond)}/s · ${formatDuration((size - sent) / bytesPerSecond)} left`;
}

function doneText({ file, folder, source }: Upload, live: Progress | undefined, now: Date): string {
  if (folder) {
    const failed = folder.failedUploads.length;
    const uploaded = (source.kind === "folder" ? source.files.length : 0) - failed;
    return failed > 0
      ? `${formatFiles(uploaded)} uploaded, ${failed} refused`
      : `${formatFiles(uploaded)} uploaded`;
  }
  if (live) return progressText(live, now);
  return file?.state === "STORED" ? "Stored" : "Queued";
}
