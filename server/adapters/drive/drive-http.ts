import * as http from "node:http";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import * as https from "node:https";

import { interrupted, TryAgain } from "./drive-refusal.js";
import type { GoogleAuthorization } from "./google-authorization.js";

const MAX_ANSWER_BYTES = 256 * 1024;

export interface DriveRequest {
  method: string;
  url: URL;
  headers?: Record<string, string | number>;
  /** Sent as they are, in one go. */
  body?: readonly Buffer[];
}

export interface DriveAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * Bytes to and from Drive over node:http: the official client has no resumable upload, and its streams cost more
 * than the bytes do.
 */
export class DriveHttp {
  private readonly agents = {
    "http:": new http.Agent({ keepAlive: true, scheduling: "lifo" }),
    "https:": new https.Agent({ keepAlive: true, scheduling: "lifo" }),
  };

  /** @param root a bare origin; only there goes our token */
  constructor(
    readonly root: URL,
    private readonly authorization: GoogleAuthorization,
    private readonly idleMs: number,
  ) {}

  /** Sends, and reads the small answer. @throws TryAgain when the connection fails or the answer is cut */
  async exchange(request: DriveRequest, signal: AbortSignal): Promise<DriveAnswer> {
    const response = await this.open(request, signal);
    const body = await this.readAll(response, signal);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  /** Reads a small body. @throws TryAgain when it is cut or not small */
  async readAll(response: IncomingMessage, signal: AbortSignal): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) throw new TryAgain("answer too long");
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.translate(error, signal);
    }
    return Buffer.concat(chunks).toString("utf8");
  }

  /** Sends, and gives the answer with its body unread. A refused token is renewed once. */
  async open(request: DriveRequest, signal: AbortSignal): Promise<IncomingMessage> {
    if (request.url.origin !== this.root.origin) return this.send(request, {}, signal);
    const token = await this.authorization.token(signal);
    const response = await this.send(request, { authorization: `Bearer ${token}` }, signal);
    if (response.statusCode !== 401) return response;
    response.destroy();
    this.authorization.forget(token);
    const renewed = await this.authorization.token(signal);
    return this.send(request, { authorization: `Bearer ${renewed}` }, signal);
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private send(
    request: DriveRequest,
    extra: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { method, url, headers, body = [] } = request;
    const isSecure = url.protocol === "https:";
    const agent = this.agents[isSecure ? "https:" : "http:"];
    const length = body.reduce((sum, chunk) => sum + chunk.length, 0);
    const options = { method, agent, signal, headers: { ...headers, ...extra, "content-length": length } };
    return new Promise((resolve, reject) => {
      const req = (isSecure ? https : http).request(url, options);
      let response: IncomingMessage | undefined;
      req.setTimeout(this.idleMs, () => {
        // A reader that takes its time is no fault of the service.
        if (response?.isPaused() === true) req.socket?.setTimeout(this.idleMs);
        else req.destroy(Object.assign(new Error("idle"), { code: "ETIMEDOUT" }));
      });
      req.on("error", (error) => reject(this.translate(error, signal)));
      req.on("response", (res) => {
        response = res;
        // An answer before the end of our body is a refusal: the rest would be sent for nothing.
        if (!req.writableFinished && length > 0) res.once("end", () => req.destroy());
        resolve(res);
      });
      // One writev for all chunks of a piece.
      req.cork();
      for (const chunk of body) req.write(chunk);
      req.end();
      req.uncork();
    });
  }

  private translate(error: unknown, signal: AbortSignal): Error {
    if (signal.aborted) return signal.reason as Error;
    return error instanceof TryAgain ? error : interrupted(error);
  }
}
