import { MIB, send, sha256Of } from "./bytes.js";
import { atMost, compare } from "./figures.js";
import type { Figure } from "./figures.js";
import { costOf, interleaved } from "./measure.js";
import type { Cost } from "./measure.js";
import { multipartFrame } from "./server.js";
import { World } from "./world.js";
import type { Peer } from "./world.js";

/** So large that what each upload costs however small it is does not count. */
const SIZE = 1024 * MIB;
const ROUNDS = 5;
const GB = SIZE / 1e9;

/**
 * Processor seconds that the server spends on each gigabyte taken in, by a GraphQL multipart request and by PUT. Held
 * against the least program that does it: parser, one sha256, one request to the same stand-in for Drive
 * (peers/receive.ts). The same program hashing twice shows what is left when both digests the design asks for are paid.
 */
export async function upload(): Promise<Figure[]> {
  const world = await World.start();
  try {
    const server = await world.server("api");
    const peer = await world.peer("receive");
    const sha256 = sha256Of(SIZE);
    const cost = (pid: number, work: () => Promise<{ sha256: string }>) => async (): Promise<Cost> => {
      const spent = await costOf(pid, async () => {
        if ((await work()).sha256 !== sha256) throw new Error("The bytes did not arrive as they were sent.");
      });
      await world.emptyDrive();
      return spent;
    };
    const found = await interleaved(ROUNDS, {
      graphql: cost(server.pid, () => server.upload(SIZE)),
      multipart: cost(peer.pid, () => toPeer(peer, "POST", 1)),
      multipart2: cost(peer.pid, () => toPeer(peer, "POST", 2)),
      put: cost(server.pid, () => server.put(SIZE)),
      raw: cost(peer.pid, () => toPeer(peer, "PUT", 1)),
      raw2: cost(peer.pid, () => toPeer(peer, "PUT", 2)),
    });
    const label = (metric: string) => ({ bench: "upload", metric, unit: "CPU-s/GB" });
    const per = (samples: readonly Cost[]): number[] => samples.map(({ cpuSeconds }) => cpuSeconds / GB);
    const rate = (samples: readonly Cost[]): number[] => samples.map(({ seconds }) => SIZE / 1e6 / seconds);
    return [
      compare({ ...label("graphql"), target: atMost(1.3) }, per(found.graphql), per(found.multipart)),
      compare(label("graphql, limit hashes twice"), per(found.graphql), per(found.multipart2)),
      compare({ ...label("put"), target: atMost(1.3) }, per(found.put), per(found.raw)),
      compare(label("put, limit hashes twice"), per(found.put), per(found.raw2)),
      compare({ ...label("graphql rate"), unit: "MB/s" }, rate(found.graphql), rate(found.multipart)),
      compare({ ...label("put rate"), unit: "MB/s" }, rate(found.put), rate(found.raw)),
    ];
  } finally {
    await world.close();
  }
}

async function toPeer(peer: Peer, method: "POST" | "PUT", hashes: number): Promise<{ sha256: string }> {
  const frame = method === "POST" ? multipartFrame() : undefined;
  const headers = { ...frame?.headers, "x-file-bytes": SIZE, "x-hashes": hashes };
  const { text } = await send({ ...frame, url: peer.url, method, headers, size: SIZE });
  return JSON.parse(text) as { sha256: string };
}
