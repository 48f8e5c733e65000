import { createHash } from "node:crypto";
import { bodyOf, runPeer } from "./peer.js";
import { call, DriveByHand, jsonOf } from "./services.js";
import type { Services } from "./services.js";

/** What to copy, and how: as the product does it. */
export interface CopyOrder {
  readonly fileId: string;
  readonly sizeBytes: number;
  readonly partBytes: number;
  /** Each part goes to this many chats, at the same time. */
  readonly copies: number;
  readonly partsAtOnce: number;
}

/** A part that was sent: how to ask for its first copy. */
export interface CopiedPart {
  readonly fileId: string;
  readonly sizeBytes: number;
}

/** POST /: moves a file from Drive into the chats. No database, no lanes, no checks, nothing that survives a crash. */
await runPeer((services) => {
  const drive = new DriveByHand(services.drive);
  return async (request, response) => {
    const order = (await bodyOf(request)) as CopyOrder;
    const parts = await copy(drive, services.telegram, order);
    response.end(JSON.stringify(parts));
  };
});

async function copy(
  drive: DriveByHand,
  telegram: Services["telegram"],
  order: CopyOrder,
): Promise<CopiedPart[]> {
  const { fileId, sizeBytes, partBytes, copies, partsAtOnce } = order;
  const parts: CopiedPart[] = [];
  const total = Math.ceil(sizeBytes / partBytes);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < total; index = next++) {
      const start = index * partBytes;
      const end = Math.min(start + partBytes, sizeBytes) - 1;
      const hash = createHash("sha256");
      const chunks: Buffer[] = [];
      for await (const chunk of (await drive.read(fileId, start, end)) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        chunks.push(chunk);
      }
      const caption = `peer ${index + 1}/${total} ${hash.digest("hex")}`;
      const chats = telegram.chats.slice(0, copies);
      const sent = await Promise.all(chats.map((chat) => post(telegram, chat, caption, chunks)));
      parts[index] = { fileId: sent[0] ?? "", sizeBytes: end - start + 1 };
    }
  };
  await Promise.all(Array.from({ length: partsAtOnce }, work));
  return parts;
}

/** sendDocument, its body written by hand. */
async function post(
  telegram: Services["telegram"],
  chat: string,
  caption: string,
  chunks: readonly Buffer[],
): Promise<string> {
  const boundary = "peer-0123456789abcdef";
  const field = (name: string, value: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = Buffer.from(
    field("chat_id", chat) +
      field("caption", caption) +
      field("disable_content_type_detection", "true") +
      `--${boundary}\r\ncontent-disposition: form-data; name="document"; filename="peer.bin"\r\n` +
      "content-type: application/octet-stream\r\n\r\n",
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { outgoing, answered } = call(`${telegram.url}/bot${telegram.tokens[0]}/sendDocument`, {
    method: "POST",
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": head.length + bytes + tail.length,
    },
  });
  outgoing.cork();
  outgoing.write(head);
  for (const chunk of chunks) outgoing.write(chunk);
  outgoing.end(tail);
  outgoing.uncork();
  const { result } = (await jsonOf(answered)) as { result: { document: { file_id: string } } };
  return result.document.file_id;
}
