import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTelegram } from "../../sandbox/telegram/server.js";
import type { TelegramStandIn } from "../../sandbox/telegram/server.js";
import { TelegramChat } from "../../server/adapters/telegram/telegram-chat.js";
import type { TelegramChatOptions } from "../../server/adapters/telegram/telegram-chat.js";
import type { MessageLocation } from "../../server/vault/vault.ports.js";
import { aDocument, firstLane, never, readAll, sha256, whole } from "../support/chats.js";

describe("a chat store on a Telegram with faults", () => {
  const CANARY = "AAcanary-secret_of-the-bot";
  let telegram: TelegramStandIn;
  let logged: string[] = [];
  const open: TelegramChat[] = [];

  beforeAll(async () => {
    telegram = await startTelegram({ tokens: [`111:${CANARY}`, "222:other"], chats: ["-1001", "-1002"] });
  });
  afterEach(() => {
    telegram.reset();
    logged = [];
    for (const chat of open.splice(0)) chat.close();
  });
  afterAll(() => telegram.close());

  function aChat(options: Partial<TelegramChatOptions> = {}): TelegramChat {
    const keep = (fields: object, message: string): void =>
      void logged.push(JSON.stringify(fields) + message);
    const log = { debug: keep, info: keep, warn: keep, error: keep };
    const { tokens, chats, url: apiRoot } = telegram;
    const patience = { callMs: 10_000, idleMs: 10_000 };
    const chat = new TelegramChat({ tokens, chats, apiRoot, local: false, log, patience, ...options });
    open.push(chat);
    return chat;
  }

  /** Everything an error could show anybody: message, stack, fields, and its causes'. */
  function everythingIn(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    return [error.message, error.stack, JSON.stringify(error), everythingIn(error.cause ?? "")].join("\n");
  }

  async function failureOf(work: Promise<unknown>): Promise<unknown> {
    return work.then(
      () => expect.fail("it succeeded"),
      (error: unknown) => error,
    );
  }

  it("lists the primary chat's lanes first", () => {
    expect(aChat().lanes).toEqual([
      { bot: "111", chat: "-1001" },
      { bot: "222", chat: "-1001" },
      { bot: "111", chat: "-1002" },
      { bot: "222", chat: "-1002" },
    ]);
  });

  it.each([
    [{ retryAfter: 7 }, 7],
    [{}, 5],
    [{ retryAfter: 0 }, 1],
    [{ retryAfter: -1 }, 1],
    [{ retryAfter: 1e9 }, 3600],
    [{ retryAfter: "x" }, 5],
    [{ retryAfter: null }, 1],
  ])("is busy for a sensible time when told %j", async (fields, seconds) => {
    const chat = aChat();
    telegram.fault({ kind: 429, ...fields });

    const error = await failureOf(chat.send(firstLane(chat), aDocument(), never));

    expect(error).toMatchObject({ name: "ChatBusy", retryAfterSeconds: seconds });
  });

  it.each([
    { kind: "hang" },
    { kind: "reset" },
    { kind: "resetMidBody", bytes: 1 },
    { kind: "lostResponse" },
    { kind: "truncateResponse" },
    { kind: "5xx" },
    { kind: "401" },
    { kind: "429", retryAfter: 3 },
  ])("reports $kind without the token, from every call", async (fault) => {
    const location = await aChat().send(firstLane(aChat()), aDocument(), never);
    const chat = fault.kind === "hang" ? aChat({ patience: { idleMs: 300 } }) : aChat();
    telegram.fault(fault);

    const send = await failureOf(chat.send(firstLane(chat), aDocument(randomBytes(3_000_000)), never));
    const read = await failureOf(chat.open(location, { start: 0, end: 9 }, never));
    const check = await failureOf(chat.check(never));
    const [removal] = await chat.remove([location], never);

    const refused = { "401": "ChatRefused", "429": "ChatBusy" }[fault.kind];
    expect(send).toMatchObject(refused === undefined ? { code: "UNAVAILABLE" } : { name: refused });
    expect([read, check]).toMatchObject([{ code: "UNAVAILABLE" }, { code: "UNAVAILABLE" }]);
    expect(removal).toMatchObject({ removed: false });
    const shown = [send, read, check].map(everythingIn).join() + JSON.stringify(removal) + logged.join();
    expect(shown).not.toContain(CANARY);
  });

  it("reports a bot without access to its chat, and names both", async () => {
    telegram.config({ rights: [{ bot: "222", chat: "-1002", can_post_messages: false }] });
    await expect(aChat().check(never)).rejects.toThrow("Bot 222 in chat -1002");

    telegram.config({ rights: [{ bot: "111", status: "kicked" }] });
    const chat = aChat();
    await expect(chat.check(never)).rejects.toThrow("Bot 111 in chat -1001");
    await expect(chat.send(firstLane(chat), aDocument(), never)).rejects.toMatchObject({
      name: "ChatRefused",
    });
  });

  it("leaves a message behind when only the answer is lost", async () => {
    const chat = aChat();
    const before = telegram.stats().messages;
    telegram.fault({ kind: "lostResponse", match: { op: "sendDocument" } });

    await failureOf(chat.send(firstLane(chat), aDocument(), never));

    expect(telegram.stats().messages).toBe(before + 1);
  });

  it("skips to the range when the service ignores it", async () => {
    const chat = aChat();
    const bytes = randomBytes(1_000_000);
    const location = await chat.send(firstLane(chat), aDocument(bytes), never);
    telegram.config({ range: false });

    const got = await readAll(await chat.open(location, { start: 400_000, end: 400_009 }, never));

    expect(got.equals(bytes.subarray(400_000, 400_010))).toBe(true);
  });

  it.each([
    { kind: "truncate", bytes: 70_000 },
    { kind: "resetMidBody", bytes: 70_000 },
    { kind: "truncateResponse" },
  ])("ends a document that breaks off with an error ($kind)", async (fault) => {
    const chat = aChat();
    const location = await chat.send(firstLane(chat), aDocument(randomBytes(200_000)), never);
    telegram.fault({ ...fault, match: { op: "download" } });

    const error = await failureOf(whole(chat, location));

    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect(everythingIn(error)).not.toContain(CANARY);
  });

  it("ends a document that stops coming with an error, but waits for a slow reader", async () => {
    const chat = aChat({ patience: { idleMs: 400 } });
    const bytes = randomBytes(3_000_000);
    const location = await chat.send(firstLane(chat), aDocument(bytes), never);

    const reader = (await chat.open(location, { start: 0, end: bytes.length - 1 }, never))[
      Symbol.asyncIterator
    ]();
    const got = [(await reader.next()).value as Buffer];
    // Longer than the connection may be silent: here it is the reader who lets it wait.
    await new Promise((resolve) => setTimeout(resolve, 900));
    for (let next = await reader.next(); next.done !== true; next = await reader.next())
      got.push(next.value as Buffer);
    telegram.config({ bandwidth: { down: { perConnection: 1000 } } });
    const stalled = failureOf(whole(chat, location));

    expect(sha256(Buffer.concat(got))).toBe(sha256(bytes));
    expect(await stalled).toMatchObject({ code: "UNAVAILABLE" });
  });

  it("asks for a new link when the old one is stale", async () => {
    const chat = aChat();
    const bytes = randomBytes(1000);
    const location = await chat.send(firstLane(chat), aDocument(bytes), never);
    await whole(chat, location);
    telegram.advance(3_600_000);

    expect((await whole(chat, location)).equals(bytes)).toBe(true);
    telegram.fault({ kind: "stalePath", times: 1 });
    expect((await whole(chat, location)).equals(bytes)).toBe(true);
    expect(telegram.stats().calls["getFile"]).toBe(3);
  });

  it("gives up when no link works", async () => {
    const chat = aChat();
    const location = await chat.send(firstLane(chat), aDocument(), never);
    telegram.fault({ kind: "stalePath" });

    await expect(whole(chat, location)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("asks once for a link, however many readers and prefetches want it", async () => {
    const chat = aChat();
    const location = await chat.send(firstLane(chat), aDocument(), never);

    chat.prefetch(location);
    chat.prefetch(location);
    await Promise.all([whole(chat, location), whole(chat, location)]);

    expect(telegram.stats().calls["getFile"]).toBe(1);
  });

  it("reports a lost document as not found", async () => {
    const chat = aChat();
    const location = await chat.send(firstLane(chat), aDocument(), never);
    telegram.lose({ chat_id: location.chat, message_id: location.messageId });

    await expect(whole(chat, location)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("stops at once when the caller aborts, with the caller's reason", async () => {
    const chat = aChat();
    const location = await chat.send(firstLane(chat), aDocument(randomBytes(500_000)), never);
    const caller = new AbortController();
    telegram.fault({ kind: "hang", match: { op: "sendDocument" } });
    telegram.config({ bandwidth: { down: { perConnection: 10_000 } } });

    const sending = failureOf(chat.send(firstLane(chat), aDocument(), caller.signal));
    const stream = await chat.open(location, { start: 0, end: 499_999 }, caller.signal);
    const reading = failureOf(readAll(stream));
    caller.abort();

    expect(await sending).toBe(caller.signal.reason);
    expect(await reading).toBe(caller.signal.reason);
    await expect(chat.open(location, { start: 0, end: 9 }, caller.signal)).rejects.toBe(caller.signal.reason);
  });

  it("removes many messages of several lanes in batches", async () => {
    const chat = aChat();
    const locations: MessageLocation[] = [];
    for (let i = 0; i < 130; i += 1) {
      const lane = chat.lanes[i % 10 === 0 ? 3 : 0] ?? firstLane(chat);
      locations.push(await chat.send(lane, aDocument(randomBytes(10)), never));
    }

    const results = await chat.remove(locations, never);

    expect(results.every((result) => result.removed)).toBe(true);
    expect(telegram.stats().calls["deleteMessages"]).toBe(3);
  });

  it("overwrites messages that are too old to delete", async () => {
    const chat = aChat();
    const old = await chat.send(firstLane(chat), aDocument(), never);
    telegram.advance(49 * 3_600_000);
    const young = await chat.send(firstLane(chat), aDocument(), never);

    const results = await chat.remove([old, young], never);

    const kept = telegram
      .ledger()
      .find((entry) => entry.message_id === old.messageId && entry.chat === old.chat);
    expect(results).toEqual([{ removed: true }, { removed: true }]);
    expect(kept).toMatchObject({ edited: true, size: 1, deleted: false });
    expect(await chat.remove([old], never)).toEqual([{ removed: true }]);
    await expect(whole(chat, old)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("says why a message could not be removed", async () => {
    const chat = aChat();
    const here = await chat.send(firstLane(chat), aDocument(), never);
    const there = await chat.send(chat.lanes[2] ?? firstLane(chat), aDocument(), never);
    telegram.advance(49 * 3_600_000);
    telegram.config({ rights: [{ chat: here.chat, can_edit_messages: false, can_post_messages: false }] });

    const results = await chat.remove([here, there], never);

    expect(results).toEqual([
      {
        removed: false,
        reason: "Telegram refuses this. Only an administrator can mend this: tell one if it goes on.",
        forOperators: expect.stringContaining("can't be edited") as string,
      },
      { removed: true },
    ]);
  });

  it("reads documents of a bot that is gone through another bot of the chat", async () => {
    const bytes = randomBytes(1000);
    const former = aChat();
    const location = await former.send({ bot: "222", chat: "-1001" }, aDocument(bytes), never);
    const chat = aChat({ tokens: telegram.tokens.slice(0, 1) });
    const before = telegram.stats().messages;

    const got = await Promise.all([whole(chat, location), whole(chat, location)]);

    expect(got.every((copy) => copy.equals(bytes))).toBe(true);
    expect(telegram.stats().messages).toBe(before);
    expect(telegram.stats().calls["forwardMessage"]).toBe(1);
    expect(await chat.remove([location], never)).toEqual([{ removed: true }]);
  });

  it("reads documents of a bot whose token is revoked through another bot of the chat", async () => {
    const bytes = randomBytes(1000);
    const chat = aChat();
    const location = await chat.send({ bot: "222", chat: "-1001" }, aDocument(bytes), never);
    telegram.fault({ match: { bot: "222" }, kind: "401" });

    expect((await whole(chat, location)).equals(bytes)).toBe(true);
    const lonely = aChat({ tokens: telegram.tokens.slice(1) });
    await expect(whole(lonely, location)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("reads from the disk of a local Bot API server, and only when told that it is one", async () => {
    const bytes = randomBytes(1000);
    telegram.config({ local: true });
    const chat = aChat({ local: true });
    const location = await chat.send(firstLane(chat), aDocument(bytes), never);

    const got = await readAll(await chat.open(location, { start: 10, end: 19 }, never));

    expect(got.equals(bytes.subarray(10, 20))).toBe(true);
    expect(telegram.stats().calls["download"]).toBeUndefined();
    await expect(whole(aChat(), location)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  describe("answers that are none", () => {
    const servers: { close(): void; closeAllConnections(): void }[] = [];

    afterEach(() => {
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
      }
    });

    async function aServer(listener: RequestListener): Promise<string> {
      const server = createServer((request, response) => {
        request.resume().once("end", () => void listener(request, response));
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }

    it.each([
      ["nothing", 200, ""],
      ["a page", 200, "<html>down for maintenance</html>"],
      ["a page of an error", 413, "<html>413 Request Entity Too Large</html>"],
      ["half an answer", 200, `{"ok":true,"result":{"message_id":1`],
      ["null", 200, "null"],
      ["success without a result", 200, `{"ok":true}`],
      ["success without a document", 200, `{"ok":true,"result":{"message_id":1}}`],
      ["failure without a reason", 200, `{"ok":false}`],
      ["far too much", 200, `{"ok":true,"result":"${"x".repeat(10_000_000)}"}`],
      ["a server's failure", 500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`],
    ])("are told as unavailable: %s", async (_what, status, body) => {
      const chat = aChat({ apiRoot: await aServer((_, response) => response.writeHead(status).end(body)) });
      const stored = { ...firstLane(chat), messageId: 1, fileId: "x", fileUniqueId: "y", sizeBytes: 10 };

      const send = await failureOf(chat.send(firstLane(chat), aDocument(), never));
      const open = await failureOf(whole(chat, stored));

      expect([send, open]).toMatchObject([{ code: "UNAVAILABLE" }, { code: "UNAVAILABLE" }]);
      expect(everythingIn(send) + everythingIn(open)).not.toContain(CANARY);
    });

    it.each([
      ["earlier and later", "bytes 5-25/100", 5, 25],
      ["later", "bytes 12-29/100", 12, 29],
      ["less", "bytes 10-12/100", 10, 12],
      ["no one knows what", "bytes */100", 10, 19],
    ])("of another range than was asked for are made right: %s", async (_what, contentRange, first, last) => {
      const document = Buffer.from(Array.from({ length: 100 }, (_, i) => i));
      const apiRoot = await aServer((request, response) => {
        if (request.url?.endsWith("/getFile")) {
          response.end(JSON.stringify({ ok: true, result: { file_path: "documents/file_1" } }));
        } else if (request.headers.range === undefined) {
          response.end(document);
        } else {
          response.writeHead(206, { "Content-Range": contentRange }).end(document.subarray(first, last + 1));
        }
      });
      const chat = aChat({ apiRoot });
      const stored = { ...firstLane(chat), messageId: 1, fileId: "x", fileUniqueId: "y", sizeBytes: 100 };

      const got = await readAll(await chat.open(stored, { start: 10, end: 19 }, never));

      expect(got.equals(document.subarray(10, 20))).toBe(true);
    });
  });
});
