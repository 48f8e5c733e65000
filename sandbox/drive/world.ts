import { AccessTokens, keepCredentials } from "./credentials.js";
import type { Credentials } from "./credentials.js";
import { BadControl, numberIn, refuseUnknown } from "./control-input.js";
import { Faults } from "./faults.js";
import type { FaultKind, Operation } from "./faults.js";
import { GoogleError, storageFull, userRateLimited } from "./google-error.js";
import { Pacer } from "./pacer.js";
import { Store } from "./store.js";

export interface Rates {
  global?: number;
  perConnection?: number;
}

/** Knobs. A rate or size of 0 means without bound. */
export interface DriveConfig {
  /** Whether quota units, storage and the daily upload volume are counted. */
  limits: boolean;
  unitsPerMinute: number;
  storageBytes: number;
  dailyUploadBytes: number;
  /** Windows of the limits pass this many times faster. */
  timeScale: number;
  /** Bytes per second. */
  bandwidth: { up?: Rates; down?: Rates };
  /** Whether downloads honour Range. */
  range: boolean;
  tokenSeconds: number;
  /** 7 for an app in "Testing", 0 for one in production. */
  refreshTokenDays: number;
}

const DOCUMENTED: DriveConfig = {
  limits: false,
  unitsPerMinute: 325_000,
  storageBytes: 15 * 2 ** 30,
  dailyUploadBytes: 750e9,
  timeScale: 1,
  bandwidth: {},
  range: true,
  tokenSeconds: 3599,
  refreshTokenDays: 0,
};

const UNITS: Partial<Record<Operation, number>> = {
  get: 5,
  list: 100,
  download: 200,
  session: 50,
  create: 50,
  update: 50,
  delete: 50,
};
const DAY_MS = 86_400_000;

/** Everything the stand-in knows: what it stores, its clock, its knobs and its counters. */
export class World {
  readonly store: Store;
  readonly faults: Faults;
  readonly credentials: Credentials;
  readonly tokens: AccessTokens;
  readonly config: DriveConfig;
  readonly up = new Pacer(() => this.config.bandwidth.up?.global);
  readonly down = new Pacer(() => this.config.bandwidth.down?.global);
  stats = emptyStats();
  private readonly issuedAt: number;
  private advancedMs = 0;
  private minute = { start: 0, units: 0 };
  private day = { start: 0, bytes: 0 };

  constructor(
    directory: string,
    private readonly limits: boolean,
    given: Partial<Credentials>,
    seed: number,
  ) {
    const { issuedAt, ...credentials } = keepCredentials(directory, given);
    this.store = new Store(directory);
    this.credentials = credentials;
    this.issuedAt = issuedAt;
    this.tokens = new AccessTokens(credentials);
    this.faults = new Faults(seed);
    this.config = { ...DOCUMENTED, limits };
  }

  now(): number {
    return Date.now() + this.advancedMs;
  }

  advance(input: unknown): void {
    const { ms } = refuseUnknown(input, ["ms"]);
    this.advancedMs += numberIn("ms", ms);
  }

  configure(input: unknown): void {
    const given = refuseUnknown(input, Object.keys(DOCUMENTED));
    for (const [name, value] of Object.entries(given)) {
      if (name === "bandwidth") checkBandwidth(value);
      else if (typeof DOCUMENTED[name as keyof DriveConfig] === "number") numberIn(name, value);
      else if (typeof value !== "boolean") throw new BadControl(`${name} takes true or false`);
    }
    Object.assign(this.config, given);
  }

  /** Faults, knobs and counters as at the start; with `files`, an empty Drive too. Time never runs back. */
  reset(input: unknown): void {
    const { files = false } = refuseUnknown(input, ["files"]);
    if (typeof files !== "boolean") throw new BadControl("files takes true or false");
    this.faults.clear();
    Object.assign(this.config, DOCUMENTED, { limits: this.limits });
    this.stats = emptyStats();
    this.minute = { start: 0, units: 0 };
    this.day = { start: 0, bytes: 0 };
    if (files) this.store.clear();
  }

  isRefreshTokenExpired(): boolean {
    const { refreshTokenDays } = this.config;
    return refreshTokenDays > 0 && this.now() > this.issuedAt + refreshTokenDays * DAY_MS;
  }

  /** Charges a call's quota units. @throws GoogleError when the minute's are used up */
  charge(operation: Operation): void {
    if (!this.config.limits || operation === "token") return;
    const now = this.now();
    if (now - this.minute.start >= 60_000 / this.config.timeScale) this.minute = { start: now, units: 0 };
    const cost = UNITS[operation] ?? 5;
    if (this.minute.units + cost > this.config.unitsPerMinute) throw userRateLimited();
    this.minute.units += cost;
  }

  /** @throws GoogleError when `bytes` more do not fit into the storage or the day's volume */
  admit(bytes: number): void {
    if (!this.config.limits) return;
    const { storageBytes, dailyUploadBytes, timeScale } = this.config;
    if (storageBytes > 0 && this.store.usedBytes + bytes > storageBytes) throw storageFull();
    const now = this.now();
    if (now - this.day.start >= DAY_MS / timeScale) this.day = { start: now, bytes: 0 };
    if (dailyUploadBytes > 0 && this.day.bytes + bytes > dailyUploadBytes) {
      throw new GoogleError(403, "dailyLimitExceeded", "Daily Limit Exceeded", { domain: "usageLimits" });
    }
  }

  countUpload(bytes: number): void {
    this.stats.bytesIn += bytes;
    this.day.bytes += bytes;
  }
}

function emptyStats() {
  return {
    calls: {} as Partial<Record<Operation, number>>,
    answers: {} as Record<string, number>,
    faults: {} as Partial<Record<FaultKind, number>>,
    bytesIn: 0,
    bytesOut: 0,
  };
}

function checkBandwidth(input: unknown): void {
  for (const [direction, rates] of Object.entries(refuseUnknown(input, ["up", "down"]))) {
    for (const [name, rate] of Object.entries(refuseUnknown(rates, ["global", "perConnection"]))) {
      numberIn(`bandwidth.${direction}.${name}`, rate);
    }
  }
}
