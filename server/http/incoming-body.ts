import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { AppError, badInput, fileTooLarge } from "../kernel/errors.js";

const BUFFER_BYTES = 256 * 1024;
const CUT_OFF = "The upload ended before its last byte. Send the file again.";

/**
 * One file on its way in, whoever sends it. It ends only when the whole file has come: over the limit, or when the
 * sender goes away, it fails. Destroying it lets the rest of the request run off unread.
 */
export class IncomingBody extends Readable {
  /** Somebody will read it, perhaps after others: small files of a batch come in long before their turn. */
  isTaken = false;
  /** Told when whoever reads wants more than has come. */
  onHungry: () => void = () => undefined;
  /** Streams also read ahead, for nobody. */
  private isBeingRead = false;
  private wantsMore = false;
  private received = 0;

  constructor(
    private readonly source: Readable,
    private readonly maxBytes: number,
  ) {
    super({ highWaterMark: BUFFER_BYTES });
    this.on("newListener", (event) => {
      if (event === "readable" || event === "data") this.begin();
    });
    this.on("resume", () => this.begin());
    // Nobody may be reading yet when the sender goes away; without a listener that would end the process.
    this.on("error", () => undefined);
    // Whoever begins to read afterwards is told the error that it was destroyed with.
    source.on("error", (error) => this.destroy(forClient(error)));
    source.once("close", () => {
      if (!source.readableEnded) this.destroy(badInput(CUT_OFF));
    });
    source.once("end", () => this.push(null));
    if (isCutOff(source)) this.destroy(badInput(CUT_OFF));
    // Passed on by hand: a pipe through a Transform costs as much as the parser does.
    source.on("data", (chunk: Buffer) => this.accept(chunk));
  }

  /** What of it has come and was not read yet. */
  get waitingBytes(): number {
    return this.readableLength + this.source.readableLength;
  }

  override _read(): void {
    this.wantsMore = true;
    if (this.isBeingRead) this.onHungry();
    this.source.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.source.resume();
    super._destroy(error && forClient(error), done);
  }

  private begin(): void {
    this.isBeingRead = true;
    if (this.wantsMore) this.onHungry();
  }

  private accept(chunk: Buffer): void {
    if (this.destroyed) return;
    this.wantsMore = false;
    this.received += chunk.length;
    if (this.received > this.maxBytes) this.destroy(fileTooLarge(this.maxBytes));
    else if (!this.push(chunk)) this.source.pause();
  }
}

/**
 * For whoever begins to read a request: one that was cut off meanwhile never says so again.
 * @throws AppError BAD_USER_INPUT
 */
export function refuseCutOff(request: IncomingMessage): void {
  if (isCutOff(request)) throw badInput(CUT_OFF);
}

function isCutOff(source: Readable): boolean {
  return source.destroyed && !source.readableEnded;
}

function forClient(error: Error): Error {
  return error instanceof AppError ? error : new AppError("BAD_USER_INPUT", CUT_OFF, {}, { cause: error });
}

const LINGER_MS = 5_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Reads and forgets what a client still sends after its answer (curl waits until it may), within limits:
 * then the connection is cut.
 */
export function lingerAfterAnswer(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.unpipe();
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) request.destroy();
  });
  request.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
  request.resume();
}
