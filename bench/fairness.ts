import { setImmediate, setTimeout } from "node:timers/promises";
import { MIB } from "./bytes.js";
import { atMost, compare, record } from "./figures.js";
import type { Figure } from "./figures.js";
import type { Server } from "./server.js";
import { World } from "./world.js";

/** The minute of Telegram's limits passes this much faster, for the stand-in and for the server alike. */
const TIME_SCALE = 10;
const PER_MINUTE = 20;
const ROUNDS = 9;
const WINDOW_MS = 60_000 / TIME_SCALE;
const LEAST_PAUSE_MS = WINDOW_MS / 8;
/** Multiples of it, less their whole part, are spread evenly over any moment of a window. */
const GOLDEN = 0.618;
/** At a chat's pace this lasts longer than the rounds, however much of it the others leave. */
const LARGE_PARTS = 300;
/** What stands for ten thousand: all but one wait for their turn either way. */
const SMALL_FILES = 150;
const SMALL_BYTES = 10_000;
const AT_ONCE = 4;

/**
 * How long a file of 1 MiB takes from the end of its upload until it is stored, while one user's very large file and
 * another one's long queue of small ones use all that Telegram's limits allow; against the same file with nobody else.
 */
export async function fairness(): Promise<Figure[]> {
  const world = await World.start();
  try {
    const pace = String(PER_MINUTE * TIME_SCALE);
    const server = await world.server("all", {
      TELEGRAM_PART_BYTES: String(MIB),
      TELEGRAM_LANE_PER_MINUTE: pace,
    });
    await world.telegram("config", { limits: true, timeScale: TIME_SCALE });
    const [large, many] = [await world.member(server), await world.member(server)];
    const alone = await rounds(world, server);
    const stored = large.stored(await large.put(LARGE_PARTS * MIB));
    await queue(many, SMALL_FILES);
    const beside = await rounds(world, server);
    const now = await Promise.race([stored.then(() => "ended"), setImmediate("under way")]);
    if (now === "ended")
      throw new Error("The large file ended before the last round: nothing was in the way.");
    const { tooManyRequests } = await world.telegramStats();
    const label = (metric: string, unit: string) => ({ bench: "fairness", metric, unit });
    return [
      compare({ ...label("1 MiB beside two busy users", "s"), target: atMost(3) }, beside, alone),
      record({ ...label("refusals while pacing itself", "calls"), target: atMost(0, "value") }, [
        tooManyRequests,
      ]),
    ];
  } finally {
    await world.close();
  }
}

/**
 * Each by somebody else, as whoever was served a moment ago is a newcomer no more, and after a pause, as newcomers who
 * come faster than a chat takes documents wait for each other.
 */
async function rounds(world: World, server: Server): Promise<number[]> {
  const seconds: number[] = [];
  while (seconds.length < ROUNDS) {
    const newcomer = await world.member(server);
    await setTimeout(LEAST_PAUSE_MS + ((seconds.length * GOLDEN) % 1) * WINDOW_MS * 0.25);
    seconds.push(await secondsToDone(newcomer));
  }
  return seconds;
}

async function secondsToDone(server: Server): Promise<number> {
  const file = await server.put(MIB);
  const begun = performance.now();
  await server.stored(file);
  process.stderr.write(".");
  return (performance.now() - begun) / 1000;
}

async function queue(server: Server, files: number): Promise<void> {
  let left = files;
  const uploader = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await server.put(SMALL_BYTES);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, uploader));
}
