import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, get, request } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

export const MIB = 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
const POOL = randomBytes(2 * MIB);
const STEP = 70_001;
const agent = new Agent({ keepAlive: true });

export interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  /** What stands before and after the file in the body. */
  readonly head?: Buffer;
  readonly tail?: Buffer;
  readonly size: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage["headers"];
}

/** The file that is uploaded: random bytes out of a small pool, made as fast as they are sent, in no two blocks alike. */
export function* bytesOf(size: number): Generator<Buffer> {
  let at = 0;
  for (let left = size; left > 0; left -= PIECE_BYTES) {
    yield POOL.subarray(at, at + Math.min(left, PIECE_BYTES));
    at = (at + STEP) % MIB;
  }
}

export function sha256Of(size: number): string {
  const hash = createHash("sha256");
  for (const piece of bytesOf(size)) hash.update(piece);
  return hash.digest("hex");
}

/** Sends the file, waiting whenever the other side is slower. @throws for an answer that is no success */
export async function send({ url, method, headers, head, tail, size }: Outgoing): Promise<Answer> {
  const length = size + (head?.length ?? 0) + (tail?.length ?? 0);
  const outgoing = request(url, { agent, method, headers: { ...headers, "content-length": length } });
  const answered = answerTo(outgoing);
  answered.catch(() => undefined);
  if (head !== undefined) outgoing.write(head);
  for (const piece of bytesOf(size)) {
    if (!outgoing.write(piece)) await Promise.race([once(outgoing, "drain"), answered]);
  }
  outgoing.end(tail);
  const answer = await answered;
  if (answer.status >= 300) throw new Error(`${method} ${url} answered ${answer.status}: ${answer.text}`);
  return answer;
}

async function answerTo(outgoing: ReturnType<typeof request>): Promise<Answer> {
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const { statusCode: status = 0, headers } = response;
  return { status, headers, text: Buffer.concat(chunks).toString("utf8") };
}

export interface Received {
  readonly bytes: number;
  readonly firstByteMs: number;
  readonly ms: number;
  /** Undefined unless it was asked for. */
  readonly sha256: string | undefined;
}

/** Downloads to nowhere. @throws for any answer but 200 and 206 */
export async function receive(
  url: string,
  options: { range?: string; hashed?: boolean } = {},
): Promise<Received> {
  const begun = performance.now();
  const headers = options.range === undefined ? {} : { range: options.range };
  const [response] = (await once(get(url, { agent, headers }), "response")) as [IncomingMessage];
  const hash = options.hashed === true ? createHash("sha256") : undefined;
  let bytes = 0;
  let firstByteMs = NaN;
  response.on("data", (chunk: Buffer) => {
    if (bytes === 0) firstByteMs = performance.now() - begun;
    bytes += chunk.length;
    hash?.update(chunk);
  });
  await once(response, "end");
  if (response.statusCode !== 200 && response.statusCode !== 206) {
    throw new Error(`GET ${url} answered ${response.statusCode}.`);
  }
  return { bytes, firstByteMs, ms: performance.now() - begun, sha256: hash?.digest("hex") };
}
