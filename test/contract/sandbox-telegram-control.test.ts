import { createHash, randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTelegram } from "../../sandbox/telegram/server.js";
import type { TelegramStandIn } from "../../sandbox/telegram/server.js";
import { botApi } from "../support/bot-api.js";
import type { Reply } from "../support/bot-api.js";

const TOKENS = ["111:first", "222:second"];
const [FIRST = "", SECOND = ""] = TOKENS;
const CHAT = "-1001";
const OTHER_CHAT = "-1002";

let telegram: TelegramStandIn;

beforeAll(async () => {
  telegram = await startTelegram({ tokens: TOKENS, chats: [CHAT, OTHER_CHAT] });
});
afterEach(() => telegram.reset());
afterAll(() => telegram.close());

const { call, send, post, bytesOf } = botApi(() => telegram.url, FIRST, CHAT);

async function control(verb: string, body: object): Promise<number> {
  const response = await fetch(`${telegram.url}/__sandbox/${verb}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  await response.text();
  return response.status;
}

describe("the Telegram stand-in's flood limits", () => {
  it("allow a burst of three and 20 a minute to a channel, and count the refused body", async () => {
    telegram.config({ limits: true });
    const before = telegram.stats().bytesIn;

    const burst = [await send(), await send(), await send(), await send({ bytes: randomBytes(50_000) })];
    const elsewhere = [await send({ fields: { chat_id: OTHER_CHAT } }), await send({ token: SECOND })];

    expect(burst.map((reply) => reply.ok)).toEqual([true, true, true, false]);
    expect(burst[3]).toEqual({
      ok: false,
      error_code: 429,
      description: "Too Many Requests: retry after 1",
      parameters: { retry_after: 1 },
    });
    expect(elsewhere.map((reply) => reply.ok)).toEqual([true, true]);
    expect(telegram.stats().bytesIn - before).toBeGreaterThan(50_000);
    for (let sent = 3; sent < 20; sent += 1) {
      telegram.advance(1000);
      expect(await send()).toMatchObject({ ok: true });
    }
    telegram.advance(1000);
    expect((await send()).parameters?.retry_after).toBeGreaterThan(30);
    telegram.advance(60_000);
    expect(await send()).toMatchObject({ ok: true });
  });

  it("name the wait in the header too", async () => {
    telegram.fault({ kind: "429", retryAfter: 12 });

    const response = await fetch(`${telegram.url}/bot${FIRST}/getMe`);

    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "12"]);
  });

  it("space requests of equal size, and refuse them when too many wait", async () => {
    const wide = {
      perChatPerSecond: 1000,
      perChatBurst: 1000,
      perChatPerMinute: 1000,
      perBotPerSecond: 1000,
    };
    telegram.config({ limits: true, ...wide, timeScale: 10, sizeScale: 1000 });
    const flood = (size: (i: number) => number): Promise<Reply[]> =>
      Promise.all(Array.from({ length: 30 }, (_, i) => send({ bytes: Buffer.alloc(size(i), 1) })));

    const varied = await flood((i) => 20_001 + i);
    const equal = await flood(() => 20_000);

    const refused = equal.filter((reply) => !reply.ok);
    expect(varied.every((reply) => reply.ok)).toBe(true);
    // 20 kB stand for 20 MB here: one each 0.9 s, with at most 5 s of them waiting.
    expect(equal.length - refused.length).toBeGreaterThan(5);
    expect(refused[0]).toMatchObject({ error_code: 429, parameters: { retry_after: 60 } });
  });
});

describe("the Telegram stand-in's control", () => {
  it("refuses what it does not know", async () => {
    const bodies: [string, object][] = [
      ["fault", { kind: "earthquake" }],
      ["fault", { kind: "storageQuota" }],
      ["fault", {}],
      ["fault", { kind: "latency", bytes: 1 }],
      ["fault", { kind: "hang", match: { server: "x" } }],
      ["fault", { kind: "hang", match: { service: "drive" } }],
      ["fault", { kind: "reset", prob: 2 }],
      ["fault", { kind: "truncate", match: { op: "sendDocument" } }],
      ["config", { speed: 1 }],
      ["config", { bandwidth: { up: { global: -1 } } }],
      ["lose", { chat_id: CHAT, message_id: 999_999 }],
      ["advance", {}],
      ["reset", { all: true }],
      ["explode", {}],
    ];

    for (const [verb, body] of bodies)
      expect(await control(verb, body), `${verb} ${JSON.stringify(body)}`).toBe(400);
    expect(
      await control("fault", {
        kind: "latency",
        ms: 1,
        match: { service: "telegram", op: "getMe", bot: 111, chat: CHAT },
      }),
    ).toBe(200);
  });

  it("strikes as often as it is told", async () => {
    const struck = async (fault: object): Promise<string> => {
      telegram.reset();
      telegram.fault({ kind: "401", match: { op: "getMe" }, ...fault });
      const replies = [];
      for (let i = 0; i < 12; i += 1) replies.push(await call("getMe"));
      return replies.map((reply) => (reply.ok ? "." : "x")).join("");
    };

    expect(await struck({ every: 3 })).toBe("..x..x..x..x");
    expect(await struck({ after: 2, times: 3 })).toBe("..xxx.......");
    expect(await struck({ prob: 0.5, seed: 7 })).toBe(await struck({ prob: 0.5, seed: 7 }));
    expect(await struck({ prob: 0.5, seed: 7 })).toMatch(/x.*\.|\..*x/);
  });

  it("strikes the chat, bot and method that are meant", async () => {
    telegram.fault({ kind: "5xx", match: { op: "sendDocument", bot: "111", chat: OTHER_CHAT } });
    const hit = fetch(`${telegram.url}/bot${FIRST}/sendDocument?chat_id=${OTHER_CHAT}`, { method: "POST" });

    expect([(await hit).status, (await hit).headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await send()).toMatchObject({ ok: true });
    expect(await send({ token: SECOND, fields: { chat_id: OTHER_CHAT } })).toMatchObject({ ok: true });
  });

  it("corrupts what is stored, or what is handed out, and its ledger tells the truth", async () => {
    const bytes = randomBytes(5000);
    const digest = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
    const entry = (id: number) => telegram.ledger().find((one) => one.chat === CHAT && one.message_id === id);
    telegram.fault({ kind: "corrupt", match: { op: "sendDocument" }, times: 1 });
    const rotten = await post({ bytes });
    const sound = await post({ bytes });
    telegram.fault({ kind: "corrupt", match: { op: "download", chat: CHAT }, times: 1 });

    const [damaged, whole] = [await bytesOf(sound.document.file_id), await bytesOf(sound.document.file_id)];

    expect(rotten.document.file_size).toBe(5000);
    expect(entry(rotten.message_id)?.sha256).toBe(digest(await bytesOf(rotten.document.file_id)));
    expect(entry(rotten.message_id)?.sha256).not.toBe(digest(bytes));
    expect(entry(sound.message_id)).toMatchObject({
      sha256: digest(bytes),
      size: 5000,
      deleted: false,
      lost: false,
    });
    expect([damaged.equals(bytes), damaged.length, whole.equals(bytes)]).toEqual([false, 5000, true]);
    telegram.lose({ chat_id: CHAT, message_id: sound.message_id });
    expect(entry(sound.message_id)).toMatchObject({ lost: true });
    expect(await call("getFile", { file_id: sound.document.file_id })).toMatchObject({ error_code: 400 });
  });

  it("shapes the bandwidth", async () => {
    telegram.config({ bandwidth: { up: { perConnection: 1_000_000 }, down: { global: 1_000_000 } } });
    const started = performance.now();

    const { document } = await post({ bytes: Buffer.alloc(100_000) });
    const uploaded = performance.now();
    await bytesOf(document.file_id);

    expect(uploaded - started).toBeGreaterThan(80);
    expect(performance.now() - uploaded).toBeGreaterThan(80);
  });
});

describe("the Telegram stand-in after a restart", () => {
  it("knows its bots, chats and every message that it acknowledged, whenever it was killed", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "telegram-test-"));
    const crashed = join(dataDir, "copy");
    const first = await startTelegram({ dataDir: join(dataDir, "first") });
    const [token = ""] = first.tokens;
    const [chat_id = ""] = first.chats;
    const bytes = randomBytes(100_000);
    const kept = await post({ bytes, token, url: first.url, fields: { chat_id, caption: "kept" } });
    const deleted = await post({ token, url: first.url, fields: { chat_id } });
    await call("deleteMessage", { chat_id, message_id: deleted.message_id }, token, first.url);
    // What is on the disk now is what a kill would leave.
    await cp(join(dataDir, "first"), crashed, { recursive: true });
    await first.close();

    const second = await startTelegram({ dataDir: crashed });
    const next = await post({ token, url: second.url, fields: { chat_id } });

    expect(second.tokens).toEqual(first.tokens);
    expect(second.chats).toEqual(first.chats);
    expect((await bytesOf(kept.document.file_id, token, second.url)).equals(bytes)).toBe(true);
    expect(
      second.ledger().map(({ message_id, caption, deleted: gone }) => [message_id, caption, gone]),
    ).toEqual([
      [kept.message_id, "kept", false],
      [deleted.message_id, undefined, true],
      [next.message_id, undefined, false],
    ]);
    expect(next.message_id).toBeGreaterThan(deleted.message_id);
    await second.close();
    await rm(dataDir, { recursive: true });
  });
});
