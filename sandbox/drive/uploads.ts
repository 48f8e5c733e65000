import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

import type { Call } from "./call.js";
import { FILE_SHAPE, parseFields } from "./fields.js";
import { backendError, badRequest, GoogleError, storageFull } from "./google-error.js";
import { checkNewFile, replyWithFile } from "./metadata.js";
import { receive } from "./receive.js";
import type { Progress } from "./receive.js";
import { BLOCK_BYTES, newId } from "./store.js";
import type { DriveFile, Session } from "./store.js";
import type { World } from "./world.js";

const WEEK_MS = 7 * 86_400_000;

interface Live extends Progress {
  turn: Promise<void>;
  current: IncomingMessage | undefined;
}

interface Range {
  start: number;
  end: number;
  total: number | undefined;
}

/** Resumable upload sessions. */
export class Uploads {
  private readonly live = new Map<string, Live>();

  constructor(private readonly world: World) {}

  /** POST: opens a session and answers with its address. */
  async open(call: Call): Promise<void> {
    const { world } = this;
    if (call.query.get("uploadType") !== "resumable") {
      throw badRequest("Only uploadType=resumable is offered here.", "uploadType");
    }
    const fields = call.query.get("fields") ?? undefined;
    if (fields !== undefined) parseFields(fields, FILE_SHAPE);
    const declared = call.req.headers["x-upload-content-type"];
    const metadata = checkNewFile(
      world,
      await call.readJson(),
      String(declared ?? "application/octet-stream"),
    );
    world.admit(1);
    const session: Session = {
      id: randomBytes(24).toString("hex"),
      createdAt: world.now(),
      fields,
      metadata,
    };
    world.store.openSession(session);
    call.query.set("upload_id", session.id);
    const location = `${call.origin}/upload/drive/v3/files?${call.query.toString()}`;
    call.reply(200, "", { location, "x-guploader-uploadid": session.id });
  }

  /** PUT: takes bytes, or says how many there are. */
  async put(call: Call): Promise<void> {
    const session = this.find(call);
    if (call.fault?.kind === "sessionGone") {
      this.world.store.endSession(session);
      throw sessionGone();
    }
    const live = this.liveOf(session);
    await this.takeTurn(live, call.req, async () => {
      if (session.fileId !== undefined) return this.replyDone(call, session);
      const status = /^bytes \*\/(\*|\d+)$/.exec(call.req.headers["content-range"] ?? "");
      if (status === null) await this.takeBytes(call, session, live);
      else if (Number(status[1]) === live.offset) await this.finish(call, session, live);
      else this.replyIncomplete(call, live);
    });
  }

  /** DELETE: ends a session; Google answers 499 to say so. */
  cancel(call: Call): void {
    const session = this.find(call);
    this.live.get(session.id)?.current?.destroy();
    this.world.store.endSession(session);
    this.live.delete(session.id);
    call.reply(499, "");
  }

  private async takeBytes(call: Call, session: Session, live: Live): Promise<void> {
    const range = rangeOf(call.req);
    if (range.start > live.offset) throw backendError();
    if (call.fault?.kind === "storageQuota") throw storageFull();
    if (range.start === 0 && call.req.headers["content-range"] === undefined) this.restart(live, session);
    this.world.admit(range.end === Infinity ? 1 : range.end + 1);
    const isLast = range.end + 1 === range.total || range.total === Infinity;
    const skip = live.offset - range.start;
    const path = this.world.store.pathOf(session.id);
    const isWhole = await receive(this.world, call.req, {
      path,
      progress: live,
      skip,
      isLast,
      fault: call.fault,
    });
    if (isWhole && isLast) await this.finish(call, session, live);
    else this.replyIncomplete(call, live);
  }

  private async finish(call: Call, session: Session, live: Live): Promise<void> {
    const { store } = this.world;
    const { id = newId(), ...metadata } = session.metadata;
    if (store.files.has(id)) throw idInUse();
    const now = new Date(this.world.now()).toISOString();
    const file: DriveFile = {
      id,
      ...metadata,
      trashed: false,
      createdTime: now,
      modifiedTime: now,
      content: session.id,
      size: live.offset,
      ...(live.hash === undefined ? {} : { sha256: live.hash.digest("hex") }),
    };
    store.finishSession(session, file);
    this.live.delete(session.id);
    await this.replyDone(call, session);
  }

  private replyIncomplete(call: Call, live: Live): void {
    call.reply(308, "", live.offset === 0 ? {} : { range: `bytes=0-${live.offset - 1}` });
  }

  private replyDone(call: Call, session: Session): Promise<void> {
    const file = this.world.store.files.get(session.fileId ?? "");
    if (file === undefined) throw sessionGone();
    return replyWithFile(call, file, session.fields);
  }

  private restart(live: Live, session: Session): void {
    live.offset = 0;
    live.hash = hashFor(session);
  }

  private find(call: Call): Session {
    const session = this.world.store.sessions.get(call.query.get("upload_id") ?? "");
    if (session === undefined) throw sessionGone();
    if (this.world.now() - session.createdAt <= WEEK_MS) return session;
    this.world.store.endSession(session);
    throw sessionGone();
  }

  private liveOf(session: Session): Live {
    const known = this.live.get(session.id);
    if (known !== undefined) return known;
    const offset = this.world.store.acknowledgedBytes(session);
    const hash = offset === 0 ? hashFor(session) : undefined;
    const live: Live = { offset, hash, turn: Promise.resolve(), current: undefined };
    if (session.fileId === undefined) this.live.set(session.id, live);
    return live;
  }

  /** The newest connection wins: one that still holds the session is cut, and waited for. */
  private async takeTurn(live: Live, req: IncomingMessage, work: () => Promise<void>): Promise<void> {
    live.current?.destroy();
    const before = live.turn;
    let done: () => void = () => undefined;
    live.turn = new Promise((resolve) => (done = resolve));
    await before;
    live.current = req;
    try {
      await work();
    } finally {
      live.current = undefined;
      done();
    }
  }
}

function hashFor(session: Session): Progress["hash"] {
  return session.fields?.includes("sha256Checksum") === true ? createHash("sha256") : undefined;
}

function rangeOf(req: IncomingMessage): Range {
  const header = req.headers["content-range"];
  const length =
    req.headers["content-length"] === undefined ? undefined : Number(req.headers["content-length"]);
  if (header === undefined) {
    return length === undefined
      ? { start: 0, end: Infinity, total: Infinity }
      : { start: 0, end: length - 1, total: length };
  }
  const match = /^bytes (\d+)-(\d+)\/(\*|\d+)$/.exec(header);
  if (match === null) throw badRequest("Failed to parse Content-Range header.", "Content-Range");
  const start = Number(match[1]);
  const end = Number(match[2]);
  const total = match[3] === "*" ? undefined : Number(match[3]);
  const size = end - start + 1;
  if (size <= 0 || (total !== undefined && end >= total) || (length !== undefined && length !== size)) {
    throw badRequest("Invalid Content-Range header.", "Content-Range");
  }
  if (end + 1 !== total && size % BLOCK_BYTES !== 0) {
    throw badRequest(`Pieces before the last must be multiples of ${BLOCK_BYTES} bytes.`, "Content-Range");
  }
  return { start, end, total };
}

function sessionGone(): GoogleError {
  return new GoogleError(404, "notFound", "Upload session not found.", { location: "upload_id" });
}

function idInUse(): GoogleError {
  return new GoogleError(409, "fileIdInUse", "A file already exists with the provided ID.", {
    location: "id",
  });
}
