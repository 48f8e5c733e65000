import type { IncomingMessage, Server as NodeServer } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, handleProtocols } from "graphql-ws";
import type { Server as ProtocolServer } from "graphql-ws";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { HttpDeps } from "./deps.js";
import { GRAPHQL_PATH } from "./graphql.route.js";
import { SessionWatch } from "./session-watch.js";
import { socketProtocol } from "./socket-protocol.js";
import type { SocketState } from "./socket-protocol.js";

const MAX_MESSAGE_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 12_000;

/** WS /graphql. */
export class GraphqlSocket {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  private readonly watch: SessionWatch;
  private readonly protocol: ProtocolServer<SocketState>;

  constructor(private readonly deps: HttpDeps) {
    this.watch = new SessionWatch(deps.authenticator, deps.log);
    this.protocol = socketProtocol(deps, this.watch);
    this.sockets.on("connection", (socket: WebSocket, request: IncomingMessage) =>
      this.serve(socket, request),
    );
  }

  attach(server: NodeServer): void {
    server.on("upgrade", (request, socket, head) => {
      // Without a listener a reset during the handshake would end the process.
      socket.on("error", () => undefined);
      const refused = this.refusal(request);
      if (refused) {
        refuse(socket, refused);
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (opened) => {
        this.sockets.emit("connection", opened, request);
      });
    });
  }

  /** Tells every client to come back elsewhere; whoever does not close in time is cut. */
  async close(deadlineMs: number): Promise<void> {
    this.watch.close();
    for (const socket of this.sockets.clients) socket.close(1001, "The server is stopping.");
    const cut = setTimeout(() => {
      for (const socket of this.sockets.clients) socket.terminate();
    }, deadlineMs);
    await new Promise<void>((resolve) => {
      this.sockets.close(() => resolve());
    });
    clearTimeout(cut);
  }

  private serve(socket: WebSocket, request: IncomingMessage): void {
    const stopKeepAlive = keepAlive(socket);
    const gone = new AbortController();
    const closed = this.protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves when the operating system took the text: a slow reader slows its own events down.
        send: (text) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) resolve();
            else socket.send(text, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on("message", (data) => void this.take(socket, take((data as Buffer).toString("utf8"))));
        },
      },
      { socket, request, closed: gone.signal },
    );
    socket.on("error", (error) => this.deps.log.debug({ err: error }, "a socket failed"));
    socket.once("close", (code, reason) => {
      stopKeepAlive();
      gone.abort();
      closed(code, reason.toString()).catch((error: unknown) => {
        this.deps.log.error({ err: error }, "a closed socket could not be cleaned up");
      });
    });
  }

  private async take(socket: WebSocket, handled: Promise<void>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      if (socket.readyState !== socket.OPEN) return;
      this.deps.log.error({ err: error }, "a socket's message could not be handled");
      socket.close(CloseCode.InternalServerError, "Internal server error");
    }
  }

  /** Browsers say where a page comes from: ours, or one of the configured front ends. */
  private refusal(request: IncomingMessage): string | undefined {
    if (request.url?.split("?", 1)[0] !== GRAPHQL_PATH) return "404 Not Found";
    const { origin, host } = request.headers;
    if (origin === undefined) return undefined;
    const { frontends, publicUrl, trustProxy } = this.deps.config.http;
    const forwarded = trustProxy === false ? undefined : request.headers["x-forwarded-host"];
    const allowed = [...frontends, ...(publicUrl === undefined ? [] : [publicUrl])].map(
      (url) => new URL(url).origin,
    );
    if (allowed.includes(origin)) return undefined;
    const from = URL.canParse(origin) ? new URL(origin).host : "";
    return from !== "" && (from === host || from === forwarded) ? undefined : "403 Forbidden";
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on("pong", () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, KEEP_ALIVE_MS);
  return () => clearInterval(timer);
}
