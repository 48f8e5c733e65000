import { randomInt } from "node:crypto";
import { MIB, receive, sha256Of } from "./bytes.js";
import { atLeast, compare, median } from "./figures.js";
import type { Figure } from "./figures.js";
import { costOf, interleaved } from "./measure.js";
import type { Cost } from "./measure.js";
import { DriveByHand } from "./peers/services.js";
import { copied, stage } from "./transfer.js";
import { World } from "./world.js";

const SIZE = 304 * MIB;
const ROUNDS = 7;
const RANGES = 24;

interface Sample extends Cost {
  readonly firstByteMs: number;
  readonly rangeMs: number;
}

/**
 * How fast a stored file comes back out of its parts, each block checked before it leaves. Held against a program that
 * passes the same bytes on unchecked (peers/serve.ts). Beside it the wait for the first byte, and for a random MiB.
 */
export async function download(): Promise<Figure[]> {
  const world = await World.start();
  try {
    const server = await world.server("all");
    const file = await server.put(SIZE);
    await server.stored(file);
    const peer = await world.peer("serve");
    const copier = await world.peer("copy");
    const parts = await copied(copier, await stage(new DriveByHand(world.services.drive), SIZE), SIZE);
    await fetch(peer.url, { method: "PUT", body: JSON.stringify(parts) });
    const sha256 = sha256Of(SIZE);
    for (const url of [file.downloadUrl, peer.url]) {
      if ((await receive(url, { hashed: true })).sha256 !== sha256) throw new Error("Other bytes came back.");
    }

    const { product, proxy } = await interleaved(ROUNDS, {
      product: () => sampled(server.pid, file.downloadUrl),
      proxy: () => sampled(peer.pid, peer.url),
    });
    const label = (metric: string, unit: string) => ({ bench: "download", metric, unit });
    const rate = ({ seconds }: Sample): number => SIZE / 1e6 / seconds;
    const cpu = ({ cpuSeconds }: Sample): number => cpuSeconds / (SIZE / 1e9);
    const firstByte = ({ firstByteMs }: Sample): number => firstByteMs;
    const range = ({ rangeMs }: Sample): number => rangeMs;
    return [
      compare({ ...label("whole file", "MB/s"), target: atLeast(0.6) }, product.map(rate), proxy.map(rate)),
      compare(label("whole file", "CPU-s/GB"), product.map(cpu), proxy.map(cpu)),
      compare(label("first byte", "ms"), product.map(firstByte), proxy.map(firstByte)),
      compare(label("random MiB", "ms"), product.map(range), proxy.map(range)),
    ];
  } finally {
    await world.close();
  }
}

async function sampled(pid: number, url: string): Promise<Sample> {
  let firstByteMs = NaN;
  const cost = await costOf(pid, async () => {
    const whole = await receive(url);
    if (whole.bytes !== SIZE) throw new Error(`${whole.bytes} bytes came instead of ${SIZE}.`);
    firstByteMs = whole.firstByteMs;
  });
  const ranges: number[] = [];
  for (let i = 0; i < RANGES; i += 1) {
    const start = randomInt(SIZE - MIB);
    ranges.push((await receive(url, { range: `bytes=${start}-${start + MIB - 1}` })).ms);
  }
  return { ...cost, firstByteMs, rangeMs: median(ranges) };
}
