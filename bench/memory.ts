import { MIB, receive } from "./bytes.js";
import { atMost, record } from "./figures.js";
import type { Figure } from "./figures.js";
import type { Server } from "./server.js";
import { World } from "./world.js";

const LARGE = 954 * MIB;
const SEVERAL = { files: 8, size: 191 * MIB };

/**
 * The most memory that the server (API and worker in one) ever held, each time from a fresh start: one gigabyte in,
 * into two chats and out again; and eight files of 200 MB coming in at once.
 */
export async function memory(): Promise<Figure[]> {
  const label = (metric: string) => ({ bench: "memory", metric, unit: "MB" });
  const one = await peakOf(async (server) => {
    const file = await server.upload(LARGE);
    await server.stored(file);
    const { bytes } = await receive(file.downloadUrl);
    if (bytes !== LARGE) throw new Error(`${bytes} bytes came instead of ${LARGE}.`);
  });
  const several = await peakOf(async (server) => {
    await Promise.all(Array.from({ length: SEVERAL.files }, () => server.upload(SEVERAL.size)));
  });
  return [
    record(label("idle"), [one.idle, several.idle]),
    record({ ...label("1 GB in, moved, out"), target: atMost(400, "value") }, [one.peak]),
    record({ ...label("eight times 200 MB in at once"), target: atMost(500, "value") }, [several.peak]),
  ];
}

async function peakOf(work: (server: Server) => Promise<void>): Promise<{ idle: number; peak: number }> {
  const world = await World.start();
  try {
    const server = await world.server("all");
    const idle = server.peakRssBytes / 1e6;
    await work(server);
    process.stderr.write(".");
    return { idle, peak: server.peakRssBytes / 1e6 };
  } finally {
    await world.close();
  }
}
