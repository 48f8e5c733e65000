import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";

/** A file or folder as Drive knows it. `content` names its bytes on disk; folders have none. */
export interface DriveFile {
  id: string;
  name: string;
  mimeType: string;
  parents: string[];
  trashed: boolean;
  createdTime: string;
  modifiedTime: string;
  appProperties?: Record<string, string>;
  content?: string;
  size?: number;
  sha256?: string;
  md5?: string;
}

/** An upload session. Its bytes lie in the file named by its id; whole blocks there are acknowledged ones. */
export interface Session {
  id: string;
  createdAt: number;
  fields: string | undefined;
  metadata: { id?: string; name: string; mimeType: string; parents: string[] } & Pick<
    DriveFile,
    "appProperties"
  >;
  /** Set once the upload is complete. */
  fileId?: string;
}

type Line =
  | { put: DriveFile }
  | { drop: string }
  | { open: Session }
  | { finish: string; fileId: string }
  | { end: string };

export const FOLDER_TYPE = "application/vnd.google-apps.folder";

/** Resumable uploads keep whole blocks only. */
export const BLOCK_BYTES = 256 * 1024;

/**
 * Files and sessions, kept in a log that is appended before anything is acknowledged: what a client was told
 * survives a kill of the process.
 */
export class Store {
  readonly files = new Map<string, DriveFile>();
  readonly sessions = new Map<string, Session>();
  readonly rootId: string;
  /** Bytes of all files, those in the trash included. */
  usedBytes = 0;
  private readonly log: number;

  constructor(private readonly directory: string) {
    fs.mkdirSync(join(directory, "bytes"), { recursive: true });
    const path = join(directory, "journal.jsonl");
    this.replay(path);
    this.rootId = [...this.files.values()].find((file) => file.parents.length === 0)?.id ?? newId();
    // Rewritten at each start, so that it grows with what is stored, not with what ever happened.
    const compacted = [
      ...[...this.files.values()].map((put): Line => ({ put })),
      ...[...this.sessions.values()].map((open): Line => ({ open })),
    ];
    fs.writeFileSync(`${path}.new`, compacted.map((line) => `${JSON.stringify(line)}\n`).join(""));
    fs.renameSync(`${path}.new`, path);
    this.log = fs.openSync(path, "a");
    if (!this.files.has(this.rootId)) this.putRoot();
    for (const file of this.files.values()) this.usedBytes += file.size ?? 0;
    this.sweepBytes();
  }

  pathOf(content: string): string {
    return join(this.directory, "bytes", content);
  }

  put(file: DriveFile): void {
    this.write({ put: file });
    this.usedBytes += (file.size ?? 0) - (this.files.get(file.id)?.size ?? 0);
    this.files.set(file.id, file);
  }

  /** Removes a file, or a folder with everything in it. */
  remove(id: string): void {
    const file = this.files.get(id);
    if (file === undefined) return;
    for (const child of [...this.files.values()]) if (child.parents.includes(id)) this.remove(child.id);
    this.write({ drop: id });
    this.files.delete(id);
    this.usedBytes -= file.size ?? 0;
    if (file.content === undefined) return;
    fs.rmSync(this.pathOf(file.content), { force: true });
    const session = this.sessions.get(file.content);
    if (session !== undefined) this.endSession(session);
  }

  openSession(session: Session): void {
    fs.writeFileSync(this.pathOf(session.id), "");
    this.write({ open: session });
    this.sessions.set(session.id, session);
  }

  /** Makes a session's bytes a file. The session keeps answering with it. */
  finishSession(session: Session, file: DriveFile): void {
    this.put(file);
    this.write({ finish: session.id, fileId: file.id });
    session.fileId = file.id;
  }

  endSession(session: Session): void {
    this.write({ end: session.id });
    this.sessions.delete(session.id);
    if (session.fileId === undefined) fs.rmSync(this.pathOf(session.id), { force: true });
  }

  /** Bytes a restarted stand-in can still vouch for: whole blocks on disk. */
  acknowledgedBytes(session: Session): number {
    const stat = fs.statSync(this.pathOf(session.id), { throwIfNoEntry: false });
    return Math.floor((stat?.size ?? 0) / BLOCK_BYTES) * BLOCK_BYTES;
  }

  clear(): void {
    for (const session of [...this.sessions.values()]) this.endSession(session);
    for (const file of [...this.files.values()]) if (file.id !== this.rootId) this.remove(file.id);
  }

  close(): void {
    fs.closeSync(this.log);
  }

  private putRoot(): void {
    const now = new Date().toISOString();
    const root = { id: this.rootId, name: "My Drive", mimeType: FOLDER_TYPE, parents: [], trashed: false };
    this.put({ ...root, createdTime: now, modifiedTime: now });
  }

  private write(line: Line): void {
    fs.writeSync(this.log, `${JSON.stringify(line)}\n`);
  }

  private replay(path: string): void {
    if (!fs.existsSync(path)) return;
    for (const text of fs.readFileSync(path, "utf8").split("\n")) {
      const line = parseLine(text);
      if (line === undefined) continue;
      if ("put" in line) this.files.set(line.put.id, line.put);
      else if ("drop" in line) this.files.delete(line.drop);
      else if ("open" in line) this.sessions.set(line.open.id, line.open);
      else if ("end" in line) this.sessions.delete(line.end);
      else {
        const session = this.sessions.get(line.finish);
        if (session !== undefined) session.fileId = line.fileId;
      }
    }
    // A kill between the two lines of a finished upload leaves the file without its session's mark.
    for (const file of this.files.values()) {
      const session = file.content === undefined ? undefined : this.sessions.get(file.content);
      if (session !== undefined) session.fileId = file.id;
    }
  }

  private sweepBytes(): void {
    const known = new Set<string>(this.sessions.keys());
    for (const file of this.files.values()) if (file.content !== undefined) known.add(file.content);
    for (const name of fs.readdirSync(join(this.directory, "bytes"))) {
      if (!known.has(name)) fs.rmSync(this.pathOf(name), { force: true });
    }
  }
}

/** An id in Drive's alphabet and length. */
export function newId(): string {
  return `1${randomBytes(24).toString("base64url")}`;
}

function parseLine(text: string): Line | undefined {
  try {
    return text === "" ? undefined : (JSON.parse(text) as Line);
  } catch {
    // The last line of a killed process may be cut; nothing in it was acknowledged.
    return undefined;
  }
}
