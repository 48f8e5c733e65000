import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Census } from "./census.js";
import { Cursors } from "./cursors.js";
import type { Shared } from "./commands/command.js";
import { dispatch } from "./dispatcher.js";
import { deleteExpired } from "./expiry.js";
import { FORGETFUL } from "./journal.js";
import type { Journal } from "./journal.js";
import { DiskLog } from "./log.js";
import { recover } from "./logfiles.js";
import { Store } from "./store.js";
import { MessageReader, writeReply } from "./wire.js";
import type { Message } from "./wire.js";

/** A running server. */
export interface RunningMongo {
  readonly uri: string;
  readonly port: number;
  /** Ends all connections and stops; everything acknowledged is on the disk. */
  close(): Promise<void>;
  /** What was used so far, with how often: `command find`, `filter operator $in`, `pipeline stage $group`... */
  census(): Readonly<Record<string, number>>;
}

interface Serving extends Shared {
  readonly journal: Journal;
  readonly census: Census;
}

/** Resolves when a socket takes more, or never will. */
async function drained(socket: Socket): Promise<void> {
  const either = new AbortController();
  const { signal } = either;
  await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]);
  either.abort();
}

async function answer(socket: Socket, message: Message, connection: number, serving: Serving): Promise<void> {
  const { reply, afterCommit } = dispatch(message.body, connection, serving, serving.census);
  if (afterCommit) await serving.journal.commit().catch(stopAtOnce);
  if (!message.answered || socket.destroyed) return;
  // A client that does not read gets no further answers, and holds up nobody else.
  if (!socket.write(writeReply(message, reply))) await drained(socket);
}

async function converse(socket: Socket, connection: number, serving: Serving): Promise<void> {
  const reader = new MessageReader();
  for await (const chunk of socket) {
    for (const message of reader.read(chunk as Buffer)) {
      // Closing the server ends its connections: what they still have sent must not reach the closed log.
      if (socket.destroyed) return;
      await answer(socket, message, connection, serving);
    }
  }
}

async function openStore(dataDir: string | undefined): Promise<{ store: Store; journal: Journal }> {
  if (dataDir === undefined) return { store: new Store(() => FORGETFUL), journal: FORGETFUL };
  // The log needs the store for its checkpoints, the store the log for its changes.
  let journal: Journal = FORGETFUL;
  const store = new Store(() => journal);
  const position = recover(dataDir, store);
  journal = await DiskLog.open(position, () => store);
  return { store, journal };
}

/** Every second: documents past their date go, and cursors nobody has asked for. */
function sweep({ store, cursors, journal }: Serving): void {
  cursors.expire(Date.now());
  if (deleteExpired(store, Date.now()) > 0) journal.commit().catch(stopAtOnce);
}

/** After a failed write the disk and the memory differ: going on would lose what is acknowledged next. */
function stopAtOnce(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/**
 * Starts a MongoDB-compatible server on 127.0.0.1: a standalone one, for trying, developing and testing.
 * @param options `port` 0 or absent: any free one; `dataDir` absent: everything is in memory only; `censusDir`: where
 * it writes down what it knows and what of it is used
 */
export async function startMongo(options: {
  port?: number;
  dataDir?: string;
  censusDir?: string | undefined;
}): Promise<RunningMongo> {
  const census = new Census(options.censusDir);
  const { store, journal } = await openStore(options.dataDir);
  const serving: Serving = { store, cursors: new Cursors(), journal, census };
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A connection that breaks, or that sends what is no message, is gone; the others stay.
    converse(socket, ++connections, serving).catch(() => socket.destroy());
  });
  const sweeper = setInterval(() => sweep(serving), 1000);
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    uri: `mongodb://127.0.0.1:${port}`,
    port,
    census: () => Object.fromEntries([...census.counts].sort()),
    async close() {
      clearInterval(sweeper);
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await journal.close();
    },
  };
}
