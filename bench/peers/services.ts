import { Agent, request } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";

/** Where a peer finds Drive and Telegram, and with what rights. */
export interface Services {
  readonly drive: {
    readonly url: string;
    readonly tokenUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly refreshToken: string;
  };
  readonly telegram: {
    readonly url: string;
    readonly tokens: readonly string[];
    readonly chats: readonly string[];
  };
}

const agent = new Agent({ keepAlive: true });

/** A request over a kept connection, and its answer once it begins. */
export function call(
  url: string | URL,
  options: RequestOptions,
): { outgoing: ClientRequest; answered: Promise<IncomingMessage> } {
  const outgoing = request(url, { ...options, agent });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve).on("error", reject);
  });
  return { outgoing, answered };
}

/** A small JSON answer. @throws when it is no success */
export async function jsonOf(answered: Promise<IncomingMessage>): Promise<unknown> {
  const response = await answered;
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  if ((response.statusCode ?? 0) >= 300) throw new Error(`${response.statusCode}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

export class DriveByHand {
  private token: Promise<string> | undefined;

  constructor(private readonly access: Services["drive"]) {}

  /** Opens an upload; its bytes go to the address it resolves with. */
  async session(): Promise<string> {
    const url = `${this.access.url}/upload/drive/v3/files?uploadType=resumable&fields=id,size,sha256Checksum`;
    const headers = { ...(await this.authorization()), "content-type": "application/json" };
    const { outgoing, answered } = call(url, { method: "POST", headers });
    outgoing.end(JSON.stringify({ name: "peer", mimeType: "application/octet-stream" }));
    const response = await answered;
    response.resume();
    if (response.headers.location === undefined) throw new Error("Drive opened no session.");
    return response.headers.location;
  }

  async read(fileId: string, start: number, end: number): Promise<IncomingMessage> {
    const headers = { ...(await this.authorization()), range: `bytes=${start}-${end}` };
    const { outgoing, answered } = call(`${this.access.url}/drive/v3/files/${fileId}?alt=media`, { headers });
    outgoing.end();
    return answered;
  }

  private async authorization(): Promise<{ authorization: string }> {
    this.token ??= this.renew();
    return { authorization: `Bearer ${await this.token}` };
  }

  private async renew(): Promise<string> {
    const { tokenUrl, clientId, clientSecret, refreshToken } = this.access;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { outgoing, answered } = call(tokenUrl, { method: "POST", headers });
    outgoing.end(
      new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
        grant_type: "refresh_token",
      }).toString(),
    );
    return ((await jsonOf(answered)) as { access_token: string }).access_token;
  }
}
