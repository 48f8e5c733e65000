import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { MIB } from "./bytes.js";
import { atMost, record } from "./figures.js";
import type { Figure } from "./figures.js";
import { World } from "./world.js";

const SIZE = 304 * MIB;
const READERS = 200;
const BYTES_PER_SECOND = 10_000;
const TICK_MS = 100;
const READING_MS = 20_000;
const LEAVING_MS = 5_000;
/** One block each, and something for the process. */
const PER_READER_MB = 1.05;
const SHARED_MB = 67;

/**
 * What 200 readers cost who take 10 kB/s each of one stored file: the memory that the API holds more than before they
 * came, and what Telegram still sends once they have left without a word.
 */
export async function readers(): Promise<Figure[]> {
  const world = await World.start();
  try {
    const shared = { JWT_SECRET_KEY: "0123456789abcdef0123456789abcdef", MONGODB_DATABASE: "bench-readers" };
    const mover = await world.server("all", shared);
    const file = await mover.put(SIZE);
    await mover.stored(file);
    // One of its own, which has moved nothing: its most memory is that of reading.
    const server = await world.server("api", shared);
    const idle = server.peakRssBytes / 1e6;
    const url = file.downloadUrl.replace(mover.url, server.url);
    const opened = await Promise.all(Array.from({ length: READERS }, () => slowly(url)));
    await delay(READING_MS);
    const { peakRssBytes } = server;
    for (const { response } of opened) response.destroy();
    const left = await world.telegramDownloads();
    await delay(LEAVING_MS);
    const after = (await world.telegramDownloads()) - left;
    const rates = opened.map(({ bytes }) => bytes() / (READING_MS / 1000) / 1000);
    const label = (metric: string, unit: string) => ({ bench: "readers", metric, unit });
    const bound = READERS * PER_READER_MB + SHARED_MB;
    return [
      record(label("idle", "MB"), [idle]),
      record(label(`what each of ${READERS} got`, "kB/s"), rates),
      record({ ...label(`${READERS} slow readers, over idle`, "MB"), target: atMost(bound, "value") }, [
        peakRssBytes / 1e6 - idle,
      ]),
      record({ ...label("parts begun after all had left", ""), target: atMost(0, "value") }, [after]),
    ];
  } finally {
    await world.close();
  }
}

/** Takes so much and no more, which the other side feels. */
async function slowly(url: string): Promise<{ response: IncomingMessage; bytes: () => number }> {
  const [response] = (await once(request(url, { agent: false }).end(), "response")) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`GET ${url} answered ${response.statusCode}.`);
  const perTick = (BYTES_PER_SECOND * TICK_MS) / 1000;
  let bytes = 0;
  const timer = setInterval(() => {
    bytes += (response.read(perTick) as Buffer | null)?.length ?? 0;
  }, TICK_MS);
  response.on("error", () => undefined).once("close", () => clearInterval(timer));
  return { response, bytes: () => bytes };
}
