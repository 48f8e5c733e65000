import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTelegram } from "../../sandbox/telegram/server.js";
import { TelegramChat } from "../../server/adapters/telegram/telegram-chat.js";
import type { MessageLocation } from "../../server/vault/vault.ports.js";
import { aDocument, firstLane, never, readAll, sha256, silentLog, whole } from "../support/chats.js";

const { TELEGRAM_BOT_TOKEN: realTokens, TELEGRAM_CHAT_IDS: realChats } = process.env;
const hasReal = realTokens !== undefined && realChats !== undefined;

const targets = [
  { target: "the stand-in", start: startStandIn, skip: false },
  { target: "Telegram (needs TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_IDS)", start: startReal, skip: !hasReal },
];

async function startStandIn(): Promise<{ chat: TelegramChat; close: () => Promise<void> }> {
  const telegram = await startTelegram({ tokens: ["111:first", "222:second"], chats: ["-1001", "-1002"] });
  const { tokens, chats, url: apiRoot } = telegram;
  const chat = new TelegramChat({ tokens, chats, apiRoot, local: false, log: silentLog });
  const close = async (): Promise<void> => {
    chat.close();
    await telegram.close();
  };
  return { chat, close };
}

function startReal(): Promise<{ chat: TelegramChat; close: () => Promise<void> }> {
  const list = (text = ""): string[] => text.split(",").map((item) => item.trim());
  const apiRoot = process.env["TELEGRAM_API_ROOT"] ?? "https://api.telegram.org";
  const options = { tokens: list(realTokens), chats: list(realChats), apiRoot, local: false, log: silentLog };
  const chat = new TelegramChat(options);
  return Promise.resolve({ chat, close: () => Promise.resolve(chat.close()) });
}

for (const { target, start, skip } of targets) {
  describe.skipIf(skip)(`a chat store on ${target}`, () => {
    let chat: TelegramChat;
    let close: (this: void) => Promise<void>;
    const posted: MessageLocation[] = [];

    beforeAll(async () => ({ chat, close } = await start()));
    afterAll(async () => {
      await chat.remove(posted, never);
      await close();
    });

    async function post(bytes: Buffer, name = "part-0.bin"): Promise<MessageLocation> {
      const location = await chat.send(firstLane(chat), { name, caption: "a caption", bytes }, never);
      posted.push(location);
      return location;
    }

    it("answers and may post", async () => {
      await expect(chat.check(never)).resolves.toBeUndefined();
    });

    it("returns a document byte for byte", async () => {
      const bytes = randomBytes(300_000);

      const location = await post(bytes);

      expect(location).toMatchObject({ ...firstLane(chat), sizeBytes: bytes.length });
      expect(sha256(await whole(chat, location))).toBe(sha256(bytes));
    });

    it("returns any range of a document", async () => {
      const bytes = randomBytes(200_000);
      const location = await post(bytes);

      for (const [start, end] of [
        [0, 0],
        [1, 70_000],
        [65_535, 65_536],
        [199_999, 199_999],
      ] as const) {
        const got = await readAll(await chat.open(location, { start, end }, never));
        expect(got.equals(bytes.subarray(start, end + 1)), `${start}-${end}`).toBe(true);
      }
    });

    it("keeps a picture as the bytes it is", async () => {
      const gif = Buffer.concat([Buffer.from("GIF89a"), randomBytes(500)]);

      const location = await post(gif, "picture.gif");

      expect((await whole(chat, location)).equals(gif)).toBe(true);
    });

    it("opens what was asked for ahead", async () => {
      const bytes = randomBytes(10);
      const location = await post(bytes);

      chat.prefetch(location);

      expect((await whole(chat, location)).equals(bytes)).toBe(true);
    });

    it("removes documents, and says so again when asked again", async () => {
      const location = await post(randomBytes(10));
      const missing = { ...location, messageId: location.messageId + 1_000_000 };

      const first = await chat.remove([location, missing], never);
      const second = await chat.remove([location], never);

      expect([...first, ...second]).toEqual([{ removed: true }, { removed: true }, { removed: true }]);
    });

    it("reports a document that is unknown as not found", async () => {
      const location = await post(randomBytes(10));

      const reply = chat.open({ ...location, fileId: "BQACAgIAAxkB" }, { start: 0, end: 9 }, never);

      await expect(reply).rejects.toMatchObject({ code: "NOT_FOUND" });
    });

    it("refuses a chat that it does not know", async () => {
      const reply = chat.send({ ...firstLane(chat), chat: "-1009999999999" }, aDocument(), never);

      await expect(reply).rejects.toMatchObject({ name: "ChatRefused" });
    });

    it("refuses a document that could not be read back, before sending it", async () => {
      const tooLarge = chat.send(firstLane(chat), aDocument(Buffer.alloc(20_971_521)), never);
      const empty = chat.send(firstLane(chat), aDocument(Buffer.alloc(0)), never);

      await expect(tooLarge).rejects.toMatchObject({ name: "ChatRefused" });
      await expect(empty).rejects.toMatchObject({ name: "ChatRefused" });
    });
  });
}
