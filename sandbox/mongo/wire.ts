import { Double, serialize } from "bson";
import type { Reply } from "./commands/command.js";
import { Batch } from "./cursors.js";
import { decode } from "./values.js";
import type { Doc } from "./values.js";

/** Opcodes and layouts: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/. */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
const LONGEST = 48_000_000;
const MORE_TO_COME = 2;
/** Bits 0-15 that a receiver does not know must be refused; the others may be ignored. */
const UNKNOWN_REQUIRED = 0xfffd;
/** The one kind of section that the drivers in use send: a document. */
const BODY = 0;

/** One message: the command in it, and how its sender wants the answer. */
export interface Message {
  readonly id: number;
  readonly legacy: boolean;
  /** False: the sender reads no answer (an unacknowledged write). */
  readonly answered: boolean;
  readonly body: Doc;
}

function cString(bytes: Buffer, at: number): string {
  return bytes.toString("utf8", at, bytes.indexOf(0, at));
}

function readQuery(bytes: Buffer): Message {
  const namespace = cString(bytes, HEADER + 4);
  const at = HEADER + 4 + Buffer.byteLength(namespace) + 1 + 8;
  const body = decode(bytes.subarray(at, at + bytes.readInt32LE(at)));
  // Only the handshake still comes this way; what is behind the first dot is "$cmd".
  return {
    id: bytes.readInt32LE(4),
    legacy: true,
    answered: true,
    body: { ...body, $db: namespace.split(".")[0] },
  };
}

function readMsg(bytes: Buffer): Message {
  const flags = bytes.readUInt32LE(HEADER);
  const [kind, start] = [bytes[HEADER + 4], HEADER + 5];
  if (flags & UNKNOWN_REQUIRED) throw new Error(`unknown OP_MSG flags ${flags}`);
  if (kind !== BODY || start + bytes.readInt32LE(start) !== bytes.length)
    throw new Error("an OP_MSG is not one document");
  return {
    id: bytes.readInt32LE(4),
    legacy: false,
    answered: !(flags & MORE_TO_COME),
    body: decode(bytes.subarray(start)),
  };
}

/** Cuts a stream of bytes into messages. @throws Error for bytes that are no MongoDB message: the connection is lost then */
export class MessageReader {
  private pending: Buffer[] = [];
  private size = 0;

  *read(chunk: Buffer): Generator<Message> {
    this.pending.push(chunk);
    this.size += chunk.length;
    for (;;) {
      const length = this.length();
      if (length === undefined || this.size < length) return;
      const all = this.pending.length === 1 ? this.pending[0]! : Buffer.concat(this.pending, this.size);
      this.pending = [all.subarray(length)];
      this.size -= length;
      const opcode = all.readInt32LE(12);
      const message = all.subarray(0, length);
      if (opcode === OP_MSG) yield readMsg(message);
      else if (opcode === OP_QUERY) yield readQuery(message);
      else throw new Error(`unknown opcode ${opcode}`);
    }
  }

  private length(): number | undefined {
    if (this.size < HEADER) return undefined;
    if (this.pending[0]!.length < HEADER) this.pending = [Buffer.concat(this.pending, this.size)];
    const length = this.pending[0]!.readInt32LE(0);
    if (length < HEADER || length > LONGEST) throw new Error(`a message of ${length} bytes`);
    return length;
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32LE(value);
  return bytes;
}

const named = (type: number, name: string): Buffer =>
  Buffer.from(`${String.fromCharCode(type)}${name}\0`, "latin1");
const END = Buffer.from([0]);

function container(parts: readonly Uint8Array[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 5);
  return Buffer.concat([int32(size), ...parts, END], size);
}

/** The fields of an encoded document without its length and its end. */
const fieldsOf = (doc: Doc): Uint8Array => serialize(doc).subarray(4, -1);

/** Documents of a batch go into the reply as the bytes they are. */
function encodeReply(reply: Reply): Uint8Array {
  if (!(reply instanceof Batch)) return serialize("ok" in reply ? reply : { ...reply, ok: new Double(1) });
  const documents = container(reply.documents.flatMap((bytes, i) => [named(3, String(i)), bytes]));
  const rest = fieldsOf({ id: reply.id, ns: reply.namespace });
  const cursor = container([named(4, reply.field), documents, rest]);
  return container([named(3, "cursor"), cursor, fieldsOf({ ok: new Double(1) })]);
}

let lastId = 0;

/** The bytes of an answer to `message`. */
export function writeReply(message: Message, reply: Reply): Buffer {
  const body = encodeReply(reply);
  const extra = message.legacy ? 20 : 5;
  const bytes = Buffer.alloc(HEADER + extra);
  bytes.writeInt32LE(HEADER + extra + body.length, 0);
  lastId = (lastId + 1) | 0;
  bytes.writeInt32LE(lastId, 4);
  bytes.writeInt32LE(message.id, 8);
  bytes.writeInt32LE(message.legacy ? OP_REPLY : OP_MSG, 12);
  // OP_REPLY: flags (8: this server can await), cursor id, where it starts, and that it has one document.
  if (message.legacy) {
    bytes.writeInt32LE(8, HEADER);
    bytes.writeInt32LE(1, HEADER + 16);
  }
  return Buffer.concat([bytes, body]);
}
