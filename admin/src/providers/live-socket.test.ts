import { beforeEach, expect, it, vi } from "vitest";
import { liveSocket } from "./live-socket.js";
import { Session } from "./session.js";

const opened: Wire[] = [];

/** A socket that is let in, and on which nothing else is said unless a test says it. */
class Wire {
  static readonly OPEN = 1;
  readyState = Wire.OPEN;
  readonly sent: { type: string; payload?: { authorization?: string } }[] = [];
  onopen?: () => void;
  onclose: ((event: object) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  onmessage?: (event: { data: string }) => void;

  constructor() {
    opened.push(this);
    setTimeout(() => this.onopen?.());
  }

  send(text: string): void {
    const message = JSON.parse(text) as Wire["sent"][number];
    this.sent.push(message);
    if (message.type === "connection_init") setTimeout(() => this.say("connection_ack"));
  }

  say(type: string): void {
    this.onmessage?.({ data: JSON.stringify({ type }) });
  }

  close(code: number, reason: string): void {
    this.readyState = 3;
    this.onclose?.({ code, reason, wasClean: true });
  }
}

function signedIn() {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  const fresh = (name: string) => ({
    accessToken: name,
    refreshToken: "r",
    expiresAt: new Date(Date.now() + 900_000).toISOString(),
  });
  const exchange = vi.fn(() => Promise.resolve(fresh("second")));
  const session = new Session(storage, exchange);
  session.start(fresh("first"));
  return { session, exchange };
}

function follow(session: Session): void {
  const none = { next: () => undefined, error: () => undefined, complete: () => undefined };
  liveSocket("ws://console.test/graphql", session).subscribe({ query: "subscription { x }" }, none);
}

const tokens = () => opened.map(({ sent }) => sent[0]?.payload?.authorization);

beforeEach(() => {
  opened.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  vi.stubGlobal("window", new EventTarget());
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

it("gives up a connection on which nothing comes back, and makes another one", async () => {
  const { session, exchange } = signedIn();
  follow(session);
  await vi.advanceTimersByTimeAsync(15_100);
  opened[0]?.say("pong");
  await vi.advanceTimersByTimeAsync(15_000);
  expect(opened).toHaveLength(1);

  await vi.advanceTimersByTimeAsync(12_000);

  expect(tokens()).toEqual(["Bearer first", "Bearer first"]);
  expect(exchange).not.toHaveBeenCalled();
});

it("comes back with another token when the server refused the one it had, whatever the clock here says of it", async () => {
  const { session } = signedIn();
  follow(session);
  await vi.advanceTimersByTimeAsync(100);

  opened[0]?.close(4403, "The access token expired.");
  await vi.advanceTimersByTimeAsync(2_000);

  expect(tokens()).toEqual(["Bearer first", "Bearer second"]);
});

it("does not come back for a session that is over, and tells so", async () => {
  const { session, exchange } = signedIn();
  const told = vi.fn();
  session.onLoss(told);
  exchange.mockResolvedValue(undefined as never);
  follow(session);
  await vi.advanceTimersByTimeAsync(100);

  opened[0]?.close(4403, "The session ended.");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toHaveBeenCalledTimes(1);

  opened[1]?.close(4403, "Signed out.");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(opened).toHaveLength(2);
});

it("does not wait any longer once the network is back", async () => {
  const { session } = signedIn();
  follow(session);
  await vi.advanceTimersByTimeAsync(100);
  opened[0]?.close(1006, "");
  await vi.advanceTimersByTimeAsync(1);

  window.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(1);

  expect(opened).toHaveLength(2);
});
