import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTelegram } from "../../sandbox/telegram/server.js";
import type { TelegramStandIn } from "../../sandbox/telegram/server.js";
import { TelegramChat } from "../../server/adapters/telegram/telegram-chat.js";
import type { MessageLocation } from "../../server/vault/vault.ports.js";
import { aDocument, firstLane, never, silentLog, whole } from "../support/chats.js";

const theError = (error: unknown): unknown => error;

describe("a chat store of two bots", () => {
  let telegram: TelegramStandIn;
  let chat: TelegramChat;

  beforeAll(async () => {
    telegram = await startTelegram({ tokens: ["111:one", "222:other"], chats: ["-1001"] });
  });
  beforeEach(() => {
    const { tokens, chats, url: apiRoot } = telegram;
    chat = new TelegramChat({ tokens, chats, apiRoot, local: false, log: silentLog });
  });
  afterEach(() => {
    telegram.reset();
    chat.close();
  });
  afterAll(() => telegram.close());

  it("reads the documents of a bot that Telegram does not know any more through another one of the chat", async () => {
    const bytes = randomBytes(1000);
    const locations = [0, 1].map(() => chat.send(firstLane(chat), aDocument(bytes), never));
    const [first, second] = await Promise.all(locations);
    const before = telegram.stats().messages;
    telegram.fault({ kind: "401", match: { bot: "111" } });

    const found = [await whole(chat, first as MessageLocation), await whole(chat, second as MessageLocation)];

    expect(found.every((one) => one.equals(bytes))).toBe(true);
    // It is not asked each time, and what was forwarded is deleted again.
    expect(telegram.stats()).toMatchObject({ faults: { "401": 1 }, messages: before });
  });

  it("reports a forward that it could not delete again", async () => {
    const location = await chat.send(firstLane(chat), aDocument(), never);
    const strays: object[] = [];
    chat.reportStrays((stray) => Promise.resolve(void strays.push(stray)));
    telegram.fault({ kind: "401", match: { bot: "111" } });
    telegram.fault({ kind: 429, retryAfter: 3, match: { op: "deleteMessage" } });

    await whole(chat, location);

    const { message_id: messageId } = telegram.ledger().at(-1) ?? {};
    expect(strays).toEqual([{ bot: "222", chat: "-1001", messageId }]);
  });

  it.each([
    ["is refused", () => telegram.fault({ kind: "401", match: { bot: "111" } })],
    ["is not in the chat any more", () => telegram.config({ rights: [{ bot: "111", status: "kicked" }] })],
  ])("deletes what a bot posted that %s through another one", async (_what, happens) => {
    const locations = [0, 1].map(() => chat.send(firstLane(chat), aDocument(), never));
    const posted = await Promise.all(locations);
    happens();

    expect(await chat.remove(posted, never)).toEqual([{ removed: true }, { removed: true }]);
  });

  it("does not take a lane for shut in which another bot deletes all but one message", async () => {
    const old = await chat.send(firstLane(chat), aDocument(), never);
    telegram.advance(49 * 3_600_000);
    const young = await chat.send(firstLane(chat), aDocument(), never);
    const other = { bot: "222", can_edit_messages: false };
    telegram.config({ rights: [{ bot: "111", status: "kicked" }, other] });

    const [refused, removed] = await chat.remove([old, young], never);

    expect(removed).toEqual({ removed: true });
    expect(refused).toMatchObject({ removed: false });
    expect(refused).not.toHaveProperty("isLanes");
  });

  it("says what keeps the bot that posted from deleting, when no other one can either", async () => {
    const location = await chat.send(firstLane(chat), aDocument(), never);
    telegram.fault({ kind: "401", match: { bot: "111" } });
    telegram.config({ rights: [{ bot: "222", can_delete_messages: false, can_edit_messages: false }] });

    const [result] = await chat.remove([location], never);

    const forOperators = expect.stringContaining("TELEGRAM_BOT_TOKEN") as string;
    expect(result).toMatchObject({ removed: false, isLanes: true, forOperators });
  });

  it("asks no bot that was told to wait before its time", async () => {
    const location = await chat.send(firstLane(chat), aDocument(), never);
    const other = await chat.send(firstLane(chat), aDocument(), never);
    telegram.fault({ kind: 429, retryAfter: 30, times: 1 });

    const errors = [await whole(chat, location).catch(theError), await whole(chat, other).catch(theError)];

    const busy = { code: "UNAVAILABLE", details: { retryAfterSeconds: 30 } };
    expect(errors).toMatchObject([busy, busy]);
    expect(telegram.stats().calls["getFile"]).toBe(1);
  });
});
