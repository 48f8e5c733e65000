import { beforeEach, describe, expect, it, vi } from "vitest";
import { Session, STORAGE_KEY } from "./session.js";
import type { Tokens } from "./session.js";

function memoryStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

function tokens(name: string, goodForMs = 900_000): Tokens {
  const expiresAt = new Date(Date.now() + goodForMs).toISOString();
  return { accessToken: `access ${name}`, refreshToken: `refresh ${name}`, expiresAt };
}

describe("a session", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-11-22T12:00:00Z") });
    return () => vi.useRealTimers();
  });

  it("has no token before anybody signs in, and asks nobody for one", async () => {
    const exchange = vi.fn<() => Promise<Tokens>>();
    const session = new Session(memoryStorage(), exchange);

    expect(await session.token()).toBeUndefined();
    expect(session.isOpen).toBe(false);
    // A signed-out visitor must not be counted as a failed renewal by the server.
    expect(exchange).not.toHaveBeenCalled();
  });

  it("comes back after a reload through the refresh token", async () => {
    const storage = memoryStorage();
    new Session(storage, () => Promise.resolve(undefined)).start(tokens("one"));

    const reloaded = new Session(storage, (refreshToken) => Promise.resolve(tokens(`after ${refreshToken}`)));

    expect(await reloaded.token()).toBe("access after refresh one");
  });

  it("renews shortly before the end, once for all who ask together", async () => {
    const exchange = vi.fn(() => Promise.resolve(tokens("two")));
    const session = new Session(memoryStorage(), exchange);
    session.start(tokens("one"));
    vi.advanceTimersByTime(880_000);

    const answers = await Promise.all([session.token(), session.token(), session.renew("access one")]);

    expect(answers).toEqual(["access two", "access two", "access two"]);
    // Two exchanges of one refresh token would look like theft.
    expect(exchange).toHaveBeenCalledTimes(1);
  });

  it("gives the newer token to a caller whose refusal comes late", async () => {
    const session = new Session(memoryStorage(), () => Promise.reject(new Error("not asked")));
    session.start(tokens("two"));

    expect(await session.renew("access one")).toBe("access two");
  });

  it("believes a new token for a minute, whatever the clock says", async () => {
    const session = new Session(memoryStorage(), () => Promise.reject(new Error("not asked")));
    session.start(tokens("one", -3_600_000));

    expect(await session.token()).toBe("access one");
  });

  it("ends when the server refuses, and not when it cannot be reached", async () => {
    let answer: () => Promise<Tokens | undefined> = () => Promise.reject(new Error("down"));
    const session = new Session(memoryStorage(), () => answer());
    session.start(tokens("one"));

    await expect(session.renew("access one")).rejects.toThrow("down");
    expect(session.isOpen).toBe(true);

    answer = () => Promise.resolve(undefined);
    expect(await session.renew("access one")).toBeUndefined();
    expect(session.isOpen).toBe(false);
  });

  it("stays ended when it was ended during a renewal", async () => {
    let renewed: (tokens: Tokens) => void = () => undefined;
    const session = new Session(memoryStorage(), () => new Promise((resolve) => (renewed = resolve)));
    session.start(tokens("one"));

    const waiting = session.renew("access one");
    session.end();
    renewed(tokens("two"));

    expect(await waiting).toBeUndefined();
    expect(session.isOpen).toBe(false);
  });

  it("is lost, and says so once, when it was ended in another tab: whoever signs in there is not taken for its owner", async () => {
    const storage = memoryStorage();
    const session = new Session(storage, () => Promise.resolve(tokens("somebody else's")));
    const told = vi.fn();
    session.onLoss(told);
    session.start(tokens("one"));

    storage.removeItem(STORAGE_KEY);
    session.lose();
    storage.setItem(STORAGE_KEY, "refresh of somebody else");

    expect(session.isOpen).toBe(false);
    expect(await session.token()).toBeUndefined();
    session.end();
    expect(storage.getItem(STORAGE_KEY)).toBe("refresh of somebody else");
    expect(told).toHaveBeenCalledTimes(1);

    session.start(tokens("two"));
    expect(await session.token()).toBe("access two");
  });

  it("is lost when its renewal is refused", async () => {
    const session = new Session(memoryStorage(), () => Promise.resolve(undefined));
    const told = vi.fn();
    session.onLoss(told);
    session.start(tokens("one"));

    expect(await session.renew("access one")).toBeUndefined();
    expect(told).toHaveBeenCalledTimes(1);
    expect(session.isLost).toBe(true);
  });

  it("exchanges what another tab left, not what was there when it began to wait for it", async () => {
    const storage = memoryStorage();
    let go: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (go = resolve));
    const exchange = vi.fn((refreshToken: string) => Promise.resolve(tokens(`after ${refreshToken}`)));
    const session = new Session(storage, exchange, (act) => turn.then(act));
    session.start(tokens("one"));

    const waiting = session.renew("access one");
    storage.setItem(STORAGE_KEY, "refresh of the other tab");
    go();

    expect(await waiting).toBe("access after refresh of the other tab");
  });
});
