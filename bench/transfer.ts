import { MIB, send } from "./bytes.js";
import { atLeast, compare } from "./figures.js";
import type { Figure } from "./figures.js";
import { costOf, interleaved } from "./measure.js";
import type { Cost } from "./measure.js";
import type { CopiedPart, CopyOrder } from "./peers/copy.js";
import { DriveByHand } from "./peers/services.js";
import type { Server } from "./server.js";
import { World } from "./world.js";
import type { Peer } from "./world.js";

const SIZE = 304 * MIB;
const ROUNDS = 5;
/** As the product works: parts of 19 MiB, four at a time, each to two chats. */
const WAY = { partBytes: 19 * MIB, copies: 2, partsAtOnce: 4 };

/**
 * How fast a staged file moves into two chats, and at what processor time. Held against a program that only downloads
 * ranges, hashes and posts (peers/copy.ts) through the same stand-ins with the same concurrency. The product checks
 * every block, paces and records every part; reading back what was stored, which no limit does, is a second figure.
 */
export async function transfer(): Promise<Figure[]> {
  const world = await World.start();
  try {
    const plain = await world.server("all", { TELEGRAM_READ_BACK: "false" });
    const readingBack = await world.server("all");
    const peer = await world.peer("copy");
    const drive = new DriveByHand(world.services.drive);
    const cleaned = (run: () => Promise<Cost>) => async (): Promise<Cost> => {
      const spent = await run();
      await world.emptyTelegram();
      await world.emptyDrive();
      return spent;
    };
    const found = await interleaved(ROUNDS, {
      product: cleaned(() => moved(plain)),
      peer: cleaned(async () => {
        const fileId = await stage(drive, SIZE);
        return costOf(peer.pid, () => copied(peer, fileId, SIZE));
      }),
      readBack: cleaned(() => moved(readingBack)),
    });
    const label = (metric: string, unit: string) => ({ bench: "transfer", metric, unit });
    const rate = (samples: readonly Cost[]): number[] => samples.map(({ seconds }) => SIZE / 1e6 / seconds);
    const cpu = (samples: readonly Cost[]): number[] => samples.map((one) => one.cpuSeconds / (SIZE / 1e9));
    const { product, readBack } = found;
    return [
      compare(
        { ...label("without read-back", "MB/s"), target: atLeast(0.6) },
        rate(product),
        rate(found.peer),
      ),
      compare(label("without read-back", "CPU-s/GB"), cpu(product), cpu(found.peer)),
      compare(label("with read-back", "MB/s"), rate(readBack), rate(found.peer)),
      compare(label("with read-back", "CPU-s/GB"), cpu(readBack), cpu(found.peer)),
    ];
  } finally {
    await world.close();
  }
}

async function moved(server: Server): Promise<Cost> {
  const file = await server.put(SIZE);
  return costOf(server.pid, () => server.stored(file));
}

/** Puts a file into Drive, past the product. */
export async function stage(drive: DriveByHand, size: number): Promise<string> {
  const { text } = await send({ url: await drive.session(), method: "PUT", headers: {}, size });
  return (JSON.parse(text) as { id: string }).id;
}

/** Has the peer copy a staged file into the chats. */
export async function copied(peer: Peer, fileId: string, sizeBytes: number): Promise<CopiedPart[]> {
  const order: CopyOrder = { ...WAY, fileId, sizeBytes };
  const answer = await fetch(peer.url, { method: "POST", body: JSON.stringify(order) });
  if (!answer.ok) throw new Error(`The peer answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as CopiedPart[];
}
