import type { TransferState, WaitReason } from "../kernel/progress.js";
import type { StoreWatcher } from "../vault/store.service.js";
import { SpeedMeter } from "./speed.js";
import type { Transfer } from "./transfer.js";
import type { TransferUpdate } from "./transfers.ports.js";

/** At most four reports a second for each transfer. */
const INTERVAL_MS = 250;
/** A shorter wait for a lane is pace, not waiting. */
const WORTH_SAYING_MS = 1_500;

interface Wait {
  until: Date;
  why: WaitReason;
}

/** Turns what happens to parts into a transfer's state and numbers, and reports them at a bearable rate. */
export class Reporter implements StoreWatcher {
  private readonly speed = new SpeedMeter();
  private readonly waits = new Map<number, Set<Wait>>();
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
    const wait = this.wait();
    return {
      state: this.state(wait),
      partsDone: this.partsDone,
      bytesSent: this.bytesSent,
      bytesPerSecond: this.speed.bytesPerSecond(),
      waitingUntil: wait?.until ?? null,
      waitingFor: wait?.why ?? null,
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

  partWaits(index: number, until: Date, why: WaitReason): () => void {
    const waits = this.waits.get(index);
    const wait = { until, why };
    waits?.add(wait);
    this.soon();
    return () => {
      waits?.delete(wait);
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

  /** The wait that ends first, when every part under way waits and it is worth saying. */
  private wait(): Wait | undefined {
    const parts = [...this.waits.values()];
    if (parts.length === 0 || parts.some((waits) => waits.size === 0)) return undefined;
    const [earliest] = parts
      .flatMap((waits) => [...waits])
      .toSorted((a, b) => a.until.getTime() - b.until.getTime());
    return earliest && earliest.until.getTime() - Date.now() >= WORTH_SAYING_MS ? earliest : undefined;
  }

  private state(wait: Wait | undefined): TransferState {
    if (wait !== undefined) return "WAITING";
    const left = this.transfer.partsTotal - this.partsDone;
    return left > 0 && this.sent.size === left ? "VERIFYING" : "RUNNING";
  }
}
