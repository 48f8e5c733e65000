import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { CopiedPart } from "./copy.js";
import { bodyOf, runPeer } from "./peer.js";
import { call, jsonOf } from "./services.js";
import type { Services } from "./services.js";

interface Served extends CopiedPart {
  readonly path: string;
}

/** PUT: the parts of the file to serve. GET: that file, or a range of it, passed on from Telegram without any check. */
await runPeer(({ telegram }) => {
  let parts: Served[] = [];
  return async (request, response) => {
    if (request.method === "PUT") {
      parts = await Promise.all(
        ((await bodyOf(request)) as CopiedPart[]).map(async (part) => ({
          ...part,
          path: await pathOf(telegram, part.fileId),
        })),
      );
      response.end();
      return;
    }
    const size = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const [start, end] = first === undefined ? [0, size - 1] : [Number(first), Number(last)];
    response.writeHead(first === undefined ? 200 : 206, { "content-length": end - start + 1 });
    let offset = 0;
    for (const part of parts) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, part.sizeBytes - 1);
      offset += part.sizeBytes;
      if (from <= to) await pass(telegram, part, { from, to }, response);
    }
    response.end();
  };
});

async function pathOf(telegram: Services["telegram"], fileId: string): Promise<string> {
  const url = `${telegram.url}/bot${telegram.tokens[0]}/getFile?file_id=${encodeURIComponent(fileId)}`;
  const { outgoing, answered } = call(url, {});
  outgoing.end();
  return ((await jsonOf(answered)) as { result: { file_path: string } }).result.file_path;
}

async function pass(
  telegram: Services["telegram"],
  part: Served,
  { from, to }: { from: number; to: number },
  response: ServerResponse,
): Promise<void> {
  const isWhole = from === 0 && to === part.sizeBytes - 1;
  const { outgoing, answered } = call(`${telegram.url}/file/bot${telegram.tokens[0]}/${part.path}`, {
    headers: isWhole ? {} : { range: `bytes=${from}-${to}` },
  });
  outgoing.end();
  const source = await answered;
  source.on("data", (chunk: Buffer) => {
    if (response.write(chunk)) return;
    source.pause();
    response.once("drain", () => source.resume());
  });
  await once(source, "end");
}
