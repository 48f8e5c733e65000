import type { TransferState } from "../kernel/progress.js";
import type { StoreWatcher } from "../vault/store.service.js";
import { SpeedMeter } from "./speed.js";
import type { Transfer } from "./transfer.js";
import type { TransferUpdate } from "./transfers.ports.js";

/** At most four reports a second for each transfer. */
const INTERVAL_MS = 250;
/** A shorter wait for a lane is pace, not waiting. */
const WORTH_SAYING_MS = 1_500;

/** Turns what happens to parts into a transfer's state and numbers, and reports them at a bearable rate. */
export class Reporter implements StoreWatcher {
  private readonly speed = new SpeedMeter();
  private readonly waits = new Map<number, Set<Date>>();
  private readonly sent = new Set<number>();
  private partsDone = 0;
  private bytesSent = 0;
  private hasProgressed = false;
  private timer: NodeJS.Timeout | undefined;
  private reporting: Promise<void> | undefined;
  private lastReportMs = 0;
  private isStale = false;
  private stopped = false;

  /** @param report writes and publishes; its failures are its own business */
  constructor(
    private readonly transfer: Pick<Transfer, "partsTotal">,
    private readonly report: (update: TransferUpdate) => Promise<void>,
  ) {}

  /** The numbers now. */
  get update(): TransferUpdate {
    const until = this.waitingUntil();
    return {
      state: this.state(until),
      partsDone: this.partsDone,
      bytesSent: this.bytesSent,
      bytesPerSecond: this.speed.bytesPerSecond(),
      waitingUntil: until ?? null,
    };
  }

  /** Whether this run has completed a part. */
  get progressed(): boolean {
    return this.hasProgressed;
  }

  resumed(done: { parts: number; bytes: number }): void {
    this.partsDone = done.parts;
    this.bytesSent = done.bytes;
    this.soon();
  }

  partStarted(index: number): void {
    this.waits.set(index, new Set());
  }

  copySent(index: number): void {
    this.sent.add(index);
    this.soon();
  }

  partWaits(index: number, until: Date): () => void {
    const waits = this.waits.get(index);
    waits?.add(until);
    this.soon();
    return () => {
      waits?.delete(until);
      this.soon();
    };
  }

  partDone(_index: number, bytes: number): void {
    this.hasProgressed = true;
    this.partsDone += 1;
    this.bytesSent += bytes;
    this.speed.add(bytes);
  }

  partLeft(index: number): void {
    this.waits.delete(index);
    this.sent.delete(index);
    this.soon();
  }

  /** Ends the reports, the one under way too; the last word is the caller's. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.stopped = true;
    await this.reporting;
  }

  /** Reports never overlap: the later one would be overtaken. */
  private soon(): void {
    this.isStale = true;
    if (this.stopped || this.timer !== undefined || this.reporting !== undefined) return;
    const wait = Math.max(this.lastReportMs + INTERVAL_MS - performance.now(), 0);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.isStale = false;
      this.lastReportMs = performance.now();
      this.reporting = this.report(this.update).finally(() => {
        this.reporting = undefined;
        if (this.isStale) this.soon();
      });
    }, wait);
  }

  /** The earliest end of waiting, when every part under way waits and it is worth saying. */
  private waitingUntil(): Date | undefined {
    const parts = [...this.waits.values()];
    if (parts.length === 0 || parts.some((waits) => waits.size === 0)) return undefined;
    const earliest = Math.min(...parts.flatMap((waits) => [...waits].map((until) => until.getTime())));
    return earliest - Date.now() >= WORTH_SAYING_MS ? new Date(earliest) : undefined;
  }

  private state(waitingUntil: Date | undefined): TransferState {
    if (waitingUntil !== undefined) return "WAITING";
    const left = this.transfer.partsTotal - this.partsDone;
    return left > 0 && this.sent.size === left ? "VERIFYING" : "RUNNING";
  }
}
