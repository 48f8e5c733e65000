import { randomBytes } from "node:crypto";
import { expect } from "vitest";

export interface Document {
  file_id: string;
  file_unique_id: string;
  file_size: number;
  file_name: string;
}

export interface Message {
  message_id: number;
  document: Document;
  animation?: Document;
  caption?: string;
  edit_date?: number;
}

export interface Reply {
  ok: boolean;
  error_code?: number;
  description?: string;
  parameters?: { retry_after?: number };
  result?: unknown;
}

export interface Sending {
  bytes?: Buffer;
  name?: string;
  fields?: Record<string, string>;
  token?: string;
  method?: string;
  url?: string;
}

/** A bare client of the Bot API: what it gets is what was sent, errors included. */
export function botApi(urlOf: () => string, defaultToken: string, chat: string) {
  async function call(
    method: string,
    fields: object = {},
    token = defaultToken,
    url = urlOf(),
  ): Promise<Reply> {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${url}/bot${token}/${method}`, {
      method: "POST",
      headers,
      body: JSON.stringify(fields),
    });
    const reply = (await response.json()) as Reply;
    expect(response.status).toBe(reply.error_code ?? 200);
    return reply;
  }

  async function send({
    bytes = randomBytes(100),
    name = "a.bin",
    fields,
    token,
    method,
    url,
  }: Sending = {}): Promise<Reply> {
    const form = new FormData();
    for (const [key, value] of Object.entries({ chat_id: chat, ...fields })) form.append(key, value);
    form.append("document", new Blob([new Uint8Array(bytes)]), name);
    const target = `${url ?? urlOf()}/bot${token ?? defaultToken}/${method ?? "sendDocument"}`;
    const response = await fetch(target, { method: "POST", body: form });
    return (await response.json()) as Reply;
  }

  async function post(sending?: Sending): Promise<Message> {
    const reply = await send(sending);
    expect(reply.description).toBeUndefined();
    return reply.result as Message;
  }

  async function pathOf(fileId: string, token = defaultToken, url = urlOf()): Promise<string> {
    const reply = await call("getFile", { file_id: fileId }, token, url);
    return `${url}/file/bot${token}/${(reply.result as { file_path: string }).file_path}`;
  }

  async function bytesOf(fileId: string, token = defaultToken, url = urlOf()): Promise<Buffer> {
    const response = await fetch(await pathOf(fileId, token, url));
    return Buffer.from(await response.arrayBuffer());
  }

  return { call, send, post, pathOf, bytesOf };
}
