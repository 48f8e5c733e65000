import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { audit } from "../support/audit.js";
import type { Kept } from "../support/audit.js";
import { startServer } from "../support/start-server.js";
import type { World } from "../support/start-server.js";
import {
  MIB,
  becomes,
  collectWarnings,
  dice,
  fileOf,
  isDone,
  keep,
  seeds,
  withServer,
} from "../support/transfers.js";
import type { SeenFile } from "../support/transfers.js";

/** A minute passes so much faster, in the chats as in the pace. */
const TIME_SCALE = 20;
const CHATS = ["-1001", "-1002", "-1003"];
const BOTS = ["1000001", "1000002"];
const STEPS = 4;
const STEP_MS = 500;
/** Parts that one worker has under way at once, each in two chats. */
const UNDER_WAY = 5 * 2;

const warnings = collectWarnings();
afterAll(() => expect(warnings).toEqual([]));

type Random = () => number;
type Fault = { kind: string } & Record<string, unknown>;
interface Lane {
  bot: string;
  chat: string;
}

const WELL = "well";
const KICKED = "kicked";
const FAULTS: readonly Fault[] = [
  { kind: "429", retryAfter: 3_600 },
  { kind: "429", retryAfter: 1 },
  { kind: "429", retryAfter: 4 },
  { kind: "401" },
  { kind: "5xx" },
  { kind: "5xx", prob: 0.5 },
  { kind: "reset" },
  { kind: "lostResponse", prob: 0.5 },
  { kind: "truncateResponse", prob: 0.5 },
  { kind: "corrupt" },
  { kind: "corrupt", prob: 0.3 },
];
/** With these a document may be there though nobody was told, or not be as it was sent. */
const POSTING = ["lostResponse", "truncateResponse", "corrupt", "reset"];

function oneOf<T>(random: Random, all: readonly T[]): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error("There is nothing to choose from.");
  return one;
}

/** Bots and chats of which all but one pair fail in ways that change; that one takes documents all the time. */
class Trouble {
  private readonly ailments = new Map<Lane, Fault | typeof WELL | typeof KICKED>();
  /** Messages that were posted, or may have been, for nothing. */
  explained = 0;

  constructor(
    private readonly world: World,
    private readonly random: Random,
    lanes: readonly Lane[],
  ) {
    const healthy = oneOf(random, lanes);
    for (const lane of lanes) if (lane !== healthy) this.ailments.set(lane, WELL);
  }

  /** Some lanes are well again, others are not any more. */
  change(): void {
    for (const lane of this.ailments.keys()) {
      if (this.random() < 0.5) this.ailments.set(lane, oneOf(this.random, [WELL, KICKED, KICKED, ...FAULTS]));
    }
    this.end();
    const { telegram } = this.world;
    const kicked = [...this.ailments].filter(([, ailment]) => ailment === KICKED).map(([lane]) => lane);
    telegram.config({ rights: kicked.map((lane) => ({ ...lane, status: "kicked" })) });
    for (const [lane, ailment] of this.ailments) {
      if (typeof ailment === "object") telegram.fault({ match: { op: "sendDocument", ...lane }, ...ailment });
    }
    const brief = { times: 1 + Math.floor(this.random() * 3) };
    const readings = ["5xx", "429", "reset"].map((kind) => ({
      match: { op: "getFile" },
      kind,
      retryAfter: 1,
    }));
    const lines = ["corrupt", "truncate"].map((kind) => ({ match: { op: "download" }, kind, bytes: 1_000 }));
    telegram.fault({ ...oneOf(this.random, [...readings, ...lines].map(ofItsKind)), ...brief });
    if (this.random() < 0.3) this.world.drive.fault({ match: { op: "download" }, kind: "5xx", times: 1 });
  }

  /** Everything is well. */
  end(): void {
    const { telegram, drive } = this.world;
    const { faults } = telegram.stats();
    this.explained += POSTING.reduce((sum, kind) => sum + (faults[kind] ?? 0), 0);
    telegram.reset();
    telegram.config({ timeScale: TIME_SCALE });
    drive.reset();
  }
}

/** Only truncation takes a number of bytes, only a 429 a time. */
function ofItsKind({ kind, ...more }: Fault): object {
  const { bytes, retryAfter, ...fault } = more;
  return { kind, ...fault, ...(kind === "truncate" && { bytes }), ...(kind === "429" && { retryAfter }) };
}

/** What a transfer says that is not so. */
function untruths({ state, transfer }: SeenFile): string[] {
  if (transfer == null) return ["there is no transfer"];
  const { waitingFor, waitingUntil, error } = transfer;
  const overdueMs = waitingUntil == null ? 0 : Date.now() - Date.parse(waitingUntil);
  const isWaiting = transfer.state === "WAITING";
  const wrong = {
    "waits for nothing": isWaiting && (waitingFor == null || waitingUntil == null),
    "waits, and works": transfer.state === "RUNNING" && waitingFor != null,
    "waits although it is time": isWaiting && overdueMs > 8_000,
    "waits for another try of nothing": isWaiting && waitingFor === "RETRY" && error == null,
    "failed beside a lane that works": transfer.state === "FAILED" || state === "FAILED",
  };
  return Object.entries(wrong)
    .filter(([, isSo]) => isSo)
    .map(([what]) => `${what}: ${JSON.stringify({ state, transfer })}`);
}

describe.concurrent("lanes at their pace, of which one works all the time", { timeout: 180_000 }, () => {
  it.each(seeds)("store every file, say only what is so, and send little in vain (SEED=%i)", (seed) => {
    const random = dice(seed);
    const chats = CHATS.slice(0, 1 + Math.floor(random() * 3));
    const bots = BOTS.slice(0, 1 + Math.floor(random() * 2));
    const tokens = bots.map((bot) => `${bot}:AA-the-token-of-a-bot-of-a-test-${bot}`);
    const copies = Math.min(chats.length, 1 + Math.floor(random() * 2));
    const environment = {
      TELEGRAM_LANE_PER_MINUTE: String(20 * TIME_SCALE),
      TELEGRAM_REPLICAS: String(copies),
    };
    return withServer({ limits: true, chats, tokens, environment }, async ({ t, world, owner }) => {
      const second = await startServer({ world, role: "worker", environment });
      const lanes = chats.flatMap((chat) => bots.map((bot) => ({ bot, chat })));
      const trouble = new Trouble(world, random, lanes);
      const owners = [owner, await t.user()];
      const kept: Kept[] = [];
      const wrong = new Set<string>();
      const look = async (): Promise<void> => {
        for (const seen of await Promise.all(kept.map(fileOf)))
          for (const one of untruths(seen)) wrong.add(one);
      };
      let parts = 0;
      for (let step = 0; step < STEPS; step += 1) {
        trouble.change();
        const size = Math.ceil(random() * 4 * MIB);
        parts += Math.ceil(size / MIB);
        kept.push(await keep(oneOf(random, owners), size));
        if (step === 2) await second.close();
        await look();
        await delay(STEP_MS);
      }
      await Promise.all(kept.map((file) => becomes(file, ({ state }) => state === "STORED", 90_000)));
      await look();
      expect([...wrong]).toEqual([]);
      trouble.end();
      const administrator = await t.administrator();
      for (const { id } of (await administrator.lanes()).lanes) await administrator.unblockLane({ id });

      await Promise.all(kept.map((file) => becomes(file, isDone)));
      await audit(world, kept, { copies });
      const posted = world.telegram.ledger().length;
      expect(posted).toBeLessThanOrEqual(parts * copies + trouble.explained + UNDER_WAY);
    });
  });
});
