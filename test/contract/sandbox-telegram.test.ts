import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTelegram } from "../../sandbox/telegram/server.js";
import type { TelegramStandIn } from "../../sandbox/telegram/server.js";
import { botApi } from "../support/bot-api.js";
import type { Message, Reply } from "../support/bot-api.js";

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

const { call, send, post, pathOf, bytesOf } = botApi(() => telegram.url, FIRST, CHAT);

describe("the Telegram stand-in", () => {
  it("answers like the Bot API to what it does not know", async () => {
    expect(await call("getMe", {}, "nonsense")).toMatchObject({
      error_code: 401,
      description: "Unauthorized: invalid token specified",
    });
    expect(await call("getMe", {}, "333:unknown")).toMatchObject({
      error_code: 401,
      description: "Unauthorized",
    });
    expect(await call("sendPoll")).toMatchObject({
      error_code: 404,
      description: "Not Found: method not found",
    });
    expect(await (await fetch(`${telegram.url}/elsewhere`)).json()).toEqual({
      ok: false,
      error_code: 404,
      description: "Not Found",
    });
  });

  it("takes parameters in every form, and method names in any case", async () => {
    const url = `${telegram.url}/bot${FIRST}/getchat`;
    const replies = [
      await fetch(`${url}?chat_id=${CHAT}`),
      await fetch(url, { method: "POST", body: new URLSearchParams({ chat_id: CHAT }) }),
      await fetch(url, {
        method: "POST",
        body: JSON.stringify({ chat_id: Number(CHAT) }),
        headers: { "Content-Type": "application/json" },
      }),
    ];

    for (const reply of replies)
      expect(await reply.json()).toMatchObject({ ok: true, result: { id: Number(CHAT) } });
  });

  it("keeps documents, with ids that grow with gaps and differ from bot to bot", async () => {
    const bytes = randomBytes(1000);

    const message = await post({ bytes, name: "тест — файл.tar.gz", fields: { caption: "hello" } });
    const later = await post();
    const forwarded = (
      await call(
        "forwardMessage",
        { chat_id: CHAT, from_chat_id: CHAT, message_id: message.message_id },
        SECOND,
      )
    ).result as Message;

    expect(message).toMatchObject({
      caption: "hello",
      document: { file_size: 1000, file_name: "тест   файл.tar.gz" },
    });
    expect(later.message_id).toBeGreaterThan(message.message_id);
    expect(forwarded.document.file_unique_id).toBe(message.document.file_unique_id);
    expect((await bytesOf(message.document.file_id)).equals(bytes)).toBe(true);
    expect((await bytesOf(forwarded.document.file_id, SECOND)).equals(bytes)).toBe(true);
    expect(await call("getFile", { file_id: message.document.file_id }, SECOND)).toMatchObject({
      description: "Bad Request: wrong file_id or the file is temporarily unavailable",
    });
    expect(
      await call("sendDocument", { chat_id: CHAT, document: message.document.file_id }, SECOND),
    ).toMatchObject({
      description: "Bad Request: wrong file identifier/HTTP URL specified",
    });
    expect(await call("sendDocument", { chat_id: CHAT, document: message.document.file_id })).toMatchObject({
      result: { document: { file_unique_id: message.document.file_unique_id } },
    });
  });

  it("takes a .gif for an animation unless told not to", async () => {
    const guessed = await post({ name: "a.gif" });
    const plain = await post({ name: "a.gif", fields: { disable_content_type_detection: "true" } });

    expect([guessed.animation, guessed.document, plain.document]).not.toContain(undefined);
    expect(plain.animation).toBeUndefined();
  });

  it.each([
    ["there is no document in the request", () => call("sendDocument", { chat_id: CHAT })],
    ["file must be non-empty", () => send({ bytes: Buffer.alloc(0) })],
    ["message caption is too long", () => send({ fields: { caption: "x".repeat(1025) } })],
    ["chat not found", () => send({ fields: { chat_id: "-5" } })],
    ["invalid file_id", () => call("getFile", { file_id: "garbage" })],
    ["file_id not specified", () => call("getFile")],
    ["message to delete not found", () => call("deleteMessage", { chat_id: CHAT, message_id: 999_999 })],
    ["message to edit not found", () => call("editMessageCaption", { chat_id: CHAT, message_id: 999_999 })],
    [
      "message to forward not found",
      () => call("forwardMessage", { chat_id: CHAT, from_chat_id: CHAT, message_id: 999_999 }),
    ],
    [
      "message to copy not found",
      () => call("copyMessage", { chat_id: CHAT, from_chat_id: CHAT, message_id: 999_999 }),
    ],
    [
      "Too many message identifiers specified",
      () => call("deleteMessages", { chat_id: CHAT, message_ids: Array.from({ length: 101 }, (_, i) => i) }),
    ],
  ])("refuses: %s", async (description, attempt) => {
    expect(await attempt()).toMatchObject({ error_code: 400, description: `Bad Request: ${description}` });
  });

  it("hands out documents up to 20 MiB, to the byte", async () => {
    const largest = await post({ bytes: Buffer.alloc(20_971_520, 1) });
    const tooLarge = await post({ bytes: Buffer.alloc(20_971_521, 2) });

    expect(await bytesOf(largest.document.file_id)).toHaveLength(20_971_520);
    expect(await call("getFile", { file_id: tooLarge.document.file_id })).toMatchObject({
      error_code: 400,
      description: "Bad Request: file is too big",
    });
    telegram.config({ local: true });
    expect(await call("getFile", { file_id: tooLarge.document.file_id })).toMatchObject({ ok: true });
  });

  it("refuses a body of more than 50 MiB before and while it comes", async () => {
    const declared = await new Promise<number>((resolve, reject) => {
      const upload = request(`${telegram.url}/bot${FIRST}/sendDocument`, {
        method: "POST",
        headers: { "Content-Length": 52_428_801 },
      });
      upload.on("error", reject).once("response", (response) => {
        resolve(response.statusCode ?? 0);
        upload.destroy();
      });
      upload.flushHeaders();
    });

    expect(declared).toBe(413);
    expect(await send({ bytes: Buffer.alloc(52_428_800) })).toEqual({
      ok: false,
      error_code: 413,
      description: "Request Entity Too Large",
    });
  });

  it("honours ranges, or not at all when told so", async () => {
    const bytes = randomBytes(1000);
    const url = await pathOf((await post({ bytes })).document.file_id);
    const ask = (Range: string): Promise<Response> => fetch(url, { headers: { Range } });

    const middle = await ask("bytes=10-19");
    const tail = await ask("bytes=-5");
    const beyond = await ask("bytes=1000-");
    telegram.config({ range: false });
    const ignored = await ask("bytes=10-19");

    expect([middle.status, middle.headers.get("content-range")]).toEqual([206, "bytes 10-19/1000"]);
    expect(Buffer.from(await middle.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    expect(Buffer.from(await tail.arrayBuffer()).equals(bytes.subarray(995))).toBe(true);
    expect(beyond.status).toBe(416);
    expect([ignored.status, ignored.headers.get("content-length")]).toEqual([200, "1000"]);
    await ignored.arrayBuffer();
  });

  it("lets links expire after an hour", async () => {
    const url = await pathOf((await post()).document.file_id);

    telegram.advance(3_599_000);
    const before = await fetch(url);
    telegram.advance(2_000);
    const after = await fetch(url);

    expect([before.status, after.status]).toEqual([200, 404]);
    expect(await after.json()).toEqual({ ok: false, error_code: 404, description: "Not Found" });
  });

  it("lets bots delete for 48 hours and edit for ever, forwards excepted", async () => {
    const old = await post();
    const copy = { chat_id: CHAT, from_chat_id: CHAT, message_id: old.message_id };
    const forwarded = (await call("forwardMessage", copy)).result as Message;
    telegram.advance(49 * 3_600_000);
    const young = await post();
    const edit = { media: JSON.stringify({ type: "document", media: "attach://document" }) };
    const editing = (id: number): Promise<Reply> =>
      send({
        bytes: Buffer.from("-"),
        method: "editMessageMedia",
        fields: { ...edit, message_id: String(id) },
      });

    expect(await call("deleteMessage", { chat_id: CHAT, message_id: old.message_id })).toMatchObject({
      description: "Bad Request: message can't be deleted",
    });
    expect(
      await call("deleteMessages", { chat_id: CHAT, message_ids: [young.message_id, old.message_id] }),
    ).toMatchObject({ error_code: 400 });
    expect(await editing(old.message_id)).toMatchObject({
      result: { document: { file_size: 1 }, edit_date: expect.any(Number) as number },
    });
    expect(await editing(forwarded.message_id)).toMatchObject({
      description: "Bad Request: message can't be edited",
    });
    expect(
      await call("deleteMessages", { chat_id: CHAT, message_ids: [young.message_id, 999_999] }),
    ).toMatchObject({ result: true });
    expect(await call("getFile", { file_id: young.document.file_id })).toMatchObject({ error_code: 400 });
  });

  it("changes captions, and says when nothing changes", async () => {
    const { message_id } = await post();
    const edit = { chat_id: CHAT, message_id, caption: "new" };

    expect(await call("editMessageCaption", edit)).toMatchObject({ result: { caption: "new" } });
    expect((await call("editMessageCaption", edit)).description).toContain("message is not modified");
  });

  it("shows the newest pinned message that still exists", async () => {
    const pin = async (): Promise<number> => {
      const { message_id } = await post({ fields: { chat_id: OTHER_CHAT } });
      await call("pinChatMessage", { chat_id: OTHER_CHAT, message_id });
      return message_id;
    };
    const pinned = async (): Promise<unknown> => {
      const reply = await call("getChat", { chat_id: OTHER_CHAT });
      return (reply.result as { pinned_message?: Message }).pinned_message?.message_id;
    };

    const [first, second, third] = [await pin(), await pin(), await pin()];
    expect(await pinned()).toBe(third);
    await call("deleteMessage", { chat_id: OTHER_CHAT, message_id: third });
    expect(await pinned()).toBe(second);
    await call("unpinChatMessage", { chat_id: OTHER_CHAT });
    expect(await pinned()).toBe(first);
  });

  it("keeps out bots without rights", async () => {
    const asked = (token: string): Promise<Reply> => send({ token });
    telegram.config({ rights: [{ bot: "222", status: "kicked" }] });
    expect(await asked(SECOND)).toMatchObject({
      description: "Forbidden: bot was kicked from the channel chat",
    });
    expect(await asked(FIRST)).toMatchObject({ ok: true });
    telegram.config({ rights: [{ bot: "222", status: "left" }] });
    expect(await asked(SECOND)).toMatchObject({ error_code: 403 });
    telegram.config({ rights: [{ chat: CHAT, can_post_messages: false }] });
    expect(await asked(FIRST)).toMatchObject({
      description: "Bad Request: need administrator rights in the channel chat",
    });
    expect(await call("getChatMember", { chat_id: CHAT, user_id: 111 })).toMatchObject({
      result: { can_post_messages: false },
    });
  });
});
