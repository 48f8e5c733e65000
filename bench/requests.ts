import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

interface Hello {
  readonly url: string;
  readonly token: string;
  readonly query: string;
}

/**
 * Sends the same GraphQL request again and again over many connections, each waiting for its answer before the next,
 * with as little work of our own as possible.
 * @throws for an answer that is not like the first one of that server, or that has errors
 */
export async function requests(hello: Hello, count: number, connections: number): Promise<void> {
  const { hostname, port } = new URL(hello.url);
  const message = messageOf(hello);
  let left = count;
  const take = (): boolean => (left -= 1) >= 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      await once(socket, "connect");
      try {
        await exchange(socket, message, take);
      } finally {
        socket.destroy();
      }
    }),
  );
}

function messageOf({ url, token, query }: Hello): string {
  const { host, pathname } = new URL(url);
  const body = JSON.stringify({ query });
  const headers = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    `authorization: Bearer ${token}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${headers.join("\r\n")}\r\n\r\n${body}`;
}

function exchange(socket: Socket, message: string, take: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const next = (): void => {
      if (take()) socket.write(message);
      else resolve();
    };
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("The server closed the connection.")));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const length = /^HTTP\/1\.1 200 [^]*?\r\ncontent-length: (\d+)\r\n[^]*?\r\n\r\n/i.exec(text);
      if (length === null) {
        if (text.includes("\r\n\r\n")) reject(new Error(`An unforeseen answer: ${text.slice(0, 500)}`));
        return;
      }
      if (text.length < length[0].length + Number(length[1])) return;
      if (text.includes('"errors"')) reject(new Error(`An answer with errors: ${text.slice(0, 500)}`));
      text = "";
      next();
    });
    next();
  });
}
