import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTelegram } from "../../sandbox/telegram/server.js";
import type { TelegramStandIn } from "../../sandbox/telegram/server.js";
import { TelegramChat } from "../../server/adapters/telegram/telegram-chat.js";
import type { MessageLocation } from "../../server/vault/vault.ports.js";
import { aDocument, firstLane, never } from "../support/chats.js";

/** Bot API servers that people run themselves may be years old. */
describe("a chat store on a Bot API server that lacks a method", () => {
  let telegram: TelegramStandIn;
  let lacking: string[] = [];
  const server = createServer((request, response) => {
    const method = request.url?.split("/").at(-1) ?? "";
    const answer = async (): Promise<void> => {
      const body = await buffer(request);
      if (lacking.includes(method)) {
        const refusal = { ok: false, error_code: 404, description: "Not Found: method not found" };
        response.writeHead(404).end(JSON.stringify(refusal));
        return;
      }
      const headers = { "content-type": request.headers["content-type"] ?? "application/json" };
      const real = await fetch(`${telegram.url}${request.url}`, {
        method: "POST",
        headers,
        body: new Uint8Array(body),
      });
      response.writeHead(real.status).end(await real.text());
    };
    answer().catch(() => response.destroy());
  });
  let chat: TelegramChat;
  beforeAll(async () => {
    telegram = await startTelegram();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const keep = (): void => undefined;
    chat = new TelegramChat({
      tokens: telegram.tokens,
      chats: telegram.chats,
      apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      local: false,
      log: { debug: keep, info: keep, warn: keep, error: keep },
    });
  });
  afterAll(async () => {
    chat.close();
    await new Promise((resolve) => server.close(resolve));
    await telegram.close();
  });

  async function threeDocuments(): Promise<MessageLocation[]> {
    const sent: MessageLocation[] = [];
    for (let i = 0; i < 3; i += 1) sent.push(await chat.send(firstLane(chat), aDocument(), never));
    return sent;
  }

  it("removes messages one by one where they cannot be removed together", async () => {
    lacking = ["deleteMessages"];
    const sent = await threeDocuments();

    const results = await chat.remove(sent, never);

    expect(results).toEqual([{ removed: true }, { removed: true }, { removed: true }]);
    const ids = sent.map(({ messageId }) => messageId);
    const left = telegram.ledger().filter((entry) => ids.includes(entry.message_id) && !entry.deleted);
    expect(left).toEqual([]);
  });

  it("does not blame the token where they cannot be removed at all", async () => {
    lacking = ["deleteMessages", "deleteMessage", "editMessageMedia"];
    const sent = await threeDocuments();

    const results = await chat.remove(sent, never);

    const refusal = { removed: false, forOperators: expect.stringContaining("too old") as string };
    expect(results).toMatchObject([refusal, refusal, refusal]);
  });
});
