import { peakRssBytes } from "../scripts/demo/memory.js";
import { follow } from "../scripts/demo/follow.js";
import { GraphqlClient, replyOf } from "../scripts/graphql-client.js";
import { send } from "./bytes.js";

const BOUNDARY = "bench-0123456789abcdef";
const UPLOAD = `mutation ($file: Upload!, $name: String) {
  uploadFile(file: $file, name: $name) { id size sha256 downloadUrl }
}`;

export interface Uploaded {
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
  readonly downloadUrl: string;
}

/** The frame of a GraphQL multipart request around its one file. */
export function multipartFrame(): { head: Buffer; tail: Buffer; headers: Record<string, string> } {
  const operations = JSON.stringify({ query: UPLOAD, variables: { file: null, name: "bench.bin" } });
  const part = (name: string, more: string): string =>
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${more}`;
  const head =
    part("operations", `\r\n\r\n${operations}\r\n`) +
    part("map", `\r\n\r\n{"0":["variables.file"]}\r\n`) +
    part("0", `; filename="file"\r\ncontent-type: application/octet-stream\r\n\r\n`);
  return {
    head: Buffer.from(head),
    tail: Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}`, "apollo-require-preflight": "1" },
  };
}

/** A Telestash process, as a client of it sees it. */
export class Server {
  constructor(
    readonly pid: number,
    readonly url: string,
    readonly accessToken: string,
  ) {}

  get peakRssBytes(): number {
    return peakRssBytes(this.pid);
  }

  /** Whoever the access token belongs to. */
  async id(): Promise<string> {
    const client = new GraphqlClient(`${this.url}/graphql`, this.accessToken);
    return (await client.run<{ me: { id: string } }>("{ me { id } }", {})).me.id;
  }

  /** A GraphQL multipart upload. */
  async upload(size: number): Promise<Uploaded> {
    const { head, tail, headers } = multipartFrame();
    const url = `${this.url}/graphql`;
    const all = { ...headers, ...this.authorization };
    const { status, text } = await send({ url, method: "POST", headers: all, head, tail, size });
    const reply = replyOf<{ uploadFile: Uploaded }>(status, text);
    if ("problem" in reply) throw new Error(reply.problem);
    return reply.data.uploadFile;
  }

  /** PUT /files. */
  async put(size: number): Promise<Uploaded> {
    const url = `${this.url}/files?name=bench.bin`;
    const { text } = await send({ url, method: "PUT", headers: this.authorization, size });
    return JSON.parse(text) as Uploaded;
  }

  /** Resolves when the file's transfer is done. */
  async stored(file: Uploaded): Promise<void> {
    const socket = `${this.url.replace(/^http/, "ws")}/graphql`;
    await follow(socket, this.accessToken, file.id, () => undefined);
  }

  private get authorization(): { authorization: string } {
    return { authorization: `Bearer ${this.accessToken}` };
  }
}
