import { setTimeout as delay } from "node:timers/promises";
import { tooManyRequests } from "./api-error.js";
import type { Settings } from "./settings.js";

const EQUAL_SIZE_FROM_BYTES = 100_000;
const EQUAL_SIZE_BURST_S = 1;
const EQUAL_SIZE_QUEUE_S = 5;

/** Telegram's flood limits. They are decided when the whole body is there: a 429 has wasted the upload. */
export class FloodLimits {
  private sent = new Map<string, number[]>();
  private buckets = new Map<string, { level: number; at: number }>();
  private equalSizes = new Map<string, number>();
  private now: () => number = () => (performance.now() / 1000) * this.settings().timeScale;

  constructor(private readonly settings: () => Settings) {}

  clear(): void {
    this.sent = new Map();
    this.buckets = new Map();
    this.equalSizes = new Map();
  }

  /** Lets time pass for the windows too. */
  advance(ms: number): void {
    const earlier = this.now;
    this.now = () => earlier() + ms / 1000;
  }

  /** Waits out the spacing of requests of equal size. @throws ApiError 429 when too many are waiting already */
  async spaceEqualSizes(bot: string, totalBytes: number): Promise<void> {
    const { limits, equalSize, local, sizeScale, timeScale } = this.settings();
    const size = totalBytes * sizeScale;
    if (!limits || !equalSize || local || size <= EQUAL_SIZE_FROM_BYTES) return;
    const key = `${bot}:${totalBytes}`;
    const now = this.now();
    const queuedUntil = Math.max(this.equalSizes.get(key) ?? 0, now - EQUAL_SIZE_BURST_S);
    if (queuedUntil > now + EQUAL_SIZE_QUEUE_S) {
      await delay(3000 / timeScale);
      throw tooManyRequests(60);
    }
    const next = queuedUntil + Math.min(0.9, Math.max(0.2, size * 1e-7));
    this.equalSizes.set(key, next);
    if (next > now) await delay(((next - now) / timeScale) * 1000);
  }

  /** Counts one message. @throws ApiError 429 when it comes too early; a refused message is not counted */
  count(bot: string, chat: string): void {
    const settings = this.settings();
    if (!settings.limits) return;
    const now = this.now();
    const lane = `${bot}:${chat}`;
    const isGroup = chat.startsWith("-");
    const bucket = this.bucket(lane, settings, now);
    const waits = [
      (1 - bucket.level) / settings.perChatPerSecond,
      this.waitFor(bot, settings.perBotPerSecond, 1, now),
      isGroup ? this.waitFor(lane, settings.perChatPerMinute, 60, now) : 0,
    ];
    const waitSeconds = Math.max(...waits) / settings.timeScale;
    if (waitSeconds > 0) throw tooManyRequests(Math.ceil(waitSeconds));
    bucket.level -= 1;
    for (const key of [bot, lane]) this.record(key, now);
  }

  /** A chat's allowance: it fills at the permitted rate up to the permitted burst. */
  private bucket(lane: string, settings: Settings, now: number): { level: number; at: number } {
    const bucket = this.buckets.get(lane) ?? { level: settings.perChatBurst, at: now };
    const filled = bucket.level + (now - bucket.at) * settings.perChatPerSecond;
    bucket.level = Math.min(settings.perChatBurst, filled);
    bucket.at = now;
    this.buckets.set(lane, bucket);
    return bucket;
  }

  private waitFor(key: string, most: number, seconds: number, now: number): number {
    const oldest = (this.sent.get(key) ?? []).at(-most);
    return oldest === undefined ? 0 : Math.max(0, oldest + seconds - now);
  }

  private record(key: string, now: number): void {
    const times = (this.sent.get(key) ?? []).filter((time) => time > now - 60);
    times.push(now);
    this.sent.set(key, times);
  }
}
