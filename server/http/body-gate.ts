import type { Readable, Writable } from "node:stream";
import type { IncomingBody } from "./incoming-body.js";

/** Bytes of one request's files that may wait in memory for their turn. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Between a request and the parser of its files. A small file is parsed whole before anybody reads it, and so would be
 * a thousand of them: once too much waits, no more is read of the request until some of it has been taken. Whoever
 * reads the file that is coming in gets its bytes all the same, whatever waits before it, so nobody waits for ever.
 */
export class BodyGate {
  private readonly waiting = new Set<IncomingBody>();
  private isShut = false;
  private isPiped = true;

  constructor(
    private readonly request: Readable,
    private readonly parser: Writable,
    private readonly mostBytes = MOST_WAITING_BYTES,
  ) {}

  /** A file that has begun to come in. */
  add(body: IncomingBody): void {
    this.waiting.add(body);
    body.onHungry = () => this.open();
    body.once("close", () => {
      this.waiting.delete(body);
      if (!this.isFull()) this.open();
    });
    if (this.isFull()) this.shut();
  }

  private isFull(): boolean {
    let bytes = 0;
    for (const { waitingBytes } of this.waiting) bytes += waitingBytes;
    return bytes > this.mostBytes;
  }

  private shut(): void {
    if (this.isShut) return;
    this.isShut = true;
    // Not in the middle of a chunk that is being parsed: the pipe would wait for the parser and never learn of it.
    process.nextTick(() => {
      if (!this.isShut || !this.isPiped) return;
      this.isPiped = false;
      this.request.unpipe(this.parser);
    });
  }

  private open(): void {
    this.isShut = false;
    if (this.isPiped || this.parser.destroyed || this.request.destroyed) return;
    this.isPiped = true;
    this.request.pipe(this.parser);
  }
}
