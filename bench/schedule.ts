import { setTimeout as pause } from "node:timers/promises";
import { MIB } from "./bytes.js";
import { atLeast, atMost, compare, record } from "./figures.js";
import type { Figure } from "./figures.js";
import type { Server } from "./server.js";
import { Witness, earlyCalls } from "./witness.js";
import { World } from "./world.js";

/** The minute of Telegram's limits passes this much faster, for the stand-in and for the server alike. */
const TIME_SCALE = 10;
const PER_MINUTE = 20;
const WINDOW_SECONDS = 60 / TIME_SCALE;
/** Whole windows for each chat, then one part more each: what lies between first and last is what counts. */
const WINDOWS = 3;
const ROUNDS = 3;
const PARTS = PER_MINUTE * WINDOWS + 1;
/** Parts a minute that the limits allow in one chat. */
const ALLOWED = PER_MINUTE * TIME_SCALE;

/**
 * How much of what Telegram's flood limits allow is used, with parts small enough that only the limits count: 20
 * messages in each window of one chat, and twice as many in two. Then with refusals thrown in: whether anything is
 * sent to a chat before the time that it asked for is over.
 */
export async function schedule(): Promise<Figure[]> {
  const world = await World.start();
  const witness = await Witness.before(world.services.telegram.url);
  try {
    const limits = { limits: true, timeScale: TIME_SCALE };
    const settings = (chats: number): Record<string, string> => ({
      TELEGRAM_API_ROOT: witness.url,
      TELEGRAM_CHAT_IDS: world.services.telegram.chats.slice(0, chats).join(","),
      TELEGRAM_REPLICAS: "1",
      TELEGRAM_PART_BYTES: String(MIB),
      TELEGRAM_LANE_PER_MINUTE: String(ALLOWED),
    });
    const [one, two] = [await world.server("all", settings(1)), await world.server("all", settings(2))];
    const rates: Record<"one" | "two", number[]> = { one: [], two: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, server, chats] of [["one", one, 1] as const, ["two", two, 2] as const]) {
        await world.telegram("config", limits);
        rates[name].push(await partsPerMinute(witness, server, chats));
        await windowsPass();
      }
    }
    const refused = (await world.telegramStats()).tooManyRequests;
    const label = (metric: string, unit: string) => ({ bench: "schedule", metric, unit });
    const allowed = rates.one.map(() => ALLOWED);
    const both = rates.two.map(() => 2 * ALLOWED);
    return [
      compare({ ...label("one chat", "parts/min"), target: atLeast(0.95) }, rates.one, allowed),
      compare({ ...label("two chats", "parts/min"), target: atLeast(0.95) }, rates.two, both),
      compare({ ...label("two chats against one", "parts/min"), target: atLeast(1.9) }, rates.two, rates.one),
      record({ ...label("refusals while pacing itself", "calls"), target: atMost(0, "value") }, [refused]),
      ...(await underRefusals(world, witness, two)),
    ];
  } finally {
    witness.close();
    await world.close();
  }
}

/** Moves a file, and tells the rate between the first and the last part. */
async function partsPerMinute(witness: Witness, server: Server, chats: number): Promise<number> {
  witness.calls.length = 0;
  const parts = PARTS * chats;
  await server.stored(await server.put(parts * MIB));
  process.stderr.write(".");
  if (witness.calls.length < parts)
    throw new Error(`Only ${witness.calls.length} of ${parts} sends were seen.`);
  const starts = witness.calls.map(({ startedAt }) => startedAt);
  const minutes = (Math.max(...starts) - Math.min(...starts)) / 60_000;
  return (witness.calls.length - chats) / minutes;
}

/** Every eighth send is refused with a wait of two seconds, whatever the pace. */
async function underRefusals(world: World, witness: Witness, server: Server): Promise<Figure[]> {
  const busy = { match: { op: "sendDocument" }, kind: "429", every: 8, retryAfter: 2 };
  await world.telegram("reset");
  await world.telegram("config", { limits: true, timeScale: TIME_SCALE });
  await world.telegram("fault", busy);
  witness.calls.length = 0;
  await server.stored(await server.put(PARTS * MIB));
  process.stderr.write(".\n");
  const label = (metric: string) => ({ bench: "schedule", metric, unit: "calls" });
  return [
    record(label("told to wait"), [witness.calls.filter(({ status }) => status === 429).length]),
    record({ ...label("sent before the wait was over"), target: atMost(0, "value") }, [
      earlyCalls(witness.calls),
    ]),
  ];
}

/** Lets the last messages leave every window, the server's and the stand-in's. */
async function windowsPass(): Promise<void> {
  await pause(WINDOW_SECONDS * 1000 + 500);
}
