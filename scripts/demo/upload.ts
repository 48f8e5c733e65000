import { randomUUID } from "node:crypto";
import { request } from "node:http";
import type { ClientRequest } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { replyOf } from "../graphql-client.js";
import { Meter, read } from "./source.js";
import type { Source } from "./source.js";

export interface UploadedFile {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly downloadUrl: string;
}

const UPLOAD = `mutation ($file: Upload!, $name: String) {
  uploadFile(file: $file, name: $name) { id name size sha256 downloadUrl }
}`;

/**
 * Uploads a file by the GraphQL multipart request: read from disk as it is sent, its length known beforehand.
 * @returns what the server stored, and the hash of what was read
 */
export async function upload(
  graphqlUrl: string,
  accessToken: string,
  source: Source,
  onBytes: (bytes: number) => void,
): Promise<{ file: UploadedFile; sha256: string }> {
  const boundary = `telestash-${randomUUID()}`;
  const { head, tail } = multipart(boundary, { query: UPLOAD, variables: { file: null, name: source.name } });
  const outgoing = request(graphqlUrl, {
    method: "POST",
    headers: {
      authorization: `Bearer ${accessToken}`,
      "apollo-require-preflight": "1",
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": head.length + source.size + tail.length,
    },
  });
  const answered = answerOf(outgoing);
  const meter = new Meter(onBytes);
  const body = Readable.from(framed(head, meter.through(read(source)), tail), { objectMode: false });
  // A server that refuses early stops reading: then its answer counts, not the broken pipe.
  const sent = pipeline(body, outgoing).catch((error: unknown) => {
    return answered.then(
      () => {},
      () => Promise.reject(error as Error),
    );
  });
  const [{ status, text }] = await Promise.all([answered, sent]);

  const reply = replyOf<{ uploadFile: UploadedFile }>(status, text);
  if ("problem" in reply) throw new Error(`The upload failed: ${reply.problem}`);
  return { file: reply.data.uploadFile, sha256: meter.sha256() };
}

/** The name travels as an argument: multipart file names lose quotes and paths. */
function multipart(boundary: string, operation: object): { head: Buffer; tail: Buffer } {
  const field = (name: string, value: object): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${JSON.stringify(value)}\r\n`;
  const file =
    `--${boundary}\r\ncontent-disposition: form-data; name="0"; filename="file"\r\n` +
    "content-type: application/octet-stream\r\n\r\n";
  return {
    head: Buffer.from(field("operations", operation) + field("map", { 0: ["variables.file"] }) + file),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

async function* framed(head: Buffer, body: AsyncIterable<Buffer>, tail: Buffer): AsyncGenerator<Buffer> {
  yield head;
  yield* body;
  yield tail;
}

function answerOf(outgoing: ClientRequest): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
  });
}
