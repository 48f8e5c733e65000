import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { DocumentKind } from "./file-names.js";

/** Uploaded bytes, kept once however many messages show them. */
export interface StoredFile {
  number: number;
  uniqueId: string;
  size: number;
  sha256: string;
  name: string;
  mime: string;
  kind: DocumentKind;
}

export interface StoredMessage {
  chat: string;
  id: number;
  bot: string;
  /** Milliseconds by the stand-in's clock. */
  date: number;
  editDate?: number;
  file: number;
  caption?: string | undefined;
  forwarded?: boolean;
  state: "live" | "deleted" | "lost";
}

type LogEntry =
  | { file: StoredFile }
  | { message: StoredMessage }
  | { pinned: { chat: string; ids: number[] } }
  | { clock: number };

/**
 * Messages and files. Metadata is appended to a log before a call is acknowledged, so that what a client was told
 * survives a kill at any moment; the log is rewritten to its essence at start.
 */
export class Store {
  private readonly files = new Map<number, StoredFile>();
  private readonly messages = new Map<string, Map<number, StoredMessage>>();
  private readonly lastIds = new Map<string, number>();
  private readonly pins = new Map<string, number[]>();
  private readonly showings = new Map<number, Set<StoredMessage>>();
  private readonly log: number;
  private readonly filesDir: string;
  /** Where uploads are written until a message is made of them. */
  readonly incomingDir: string;
  private nextFile = 1;
  private clockOffsetMs = 0;

  constructor(dataDir: string) {
    this.filesDir = join(dataDir, "files");
    this.incomingDir = join(dataDir, "incoming");
    rmSync(this.incomingDir, { recursive: true, force: true });
    for (const dir of [this.filesDir, this.incomingDir]) mkdirSync(dir, { recursive: true });
    const logPath = join(dataDir, "log.jsonl");
    this.replay(logPath);
    writeFileSync(`${logPath}.new`, this.essence());
    renameSync(`${logPath}.new`, logPath);
    this.log = openSync(logPath, "a");
    for (const name of readdirSync(this.filesDir)) {
      if (!this.isShown(Number(name))) rmSync(join(this.filesDir, name), { force: true });
    }
  }

  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  advance(ms: number): void {
    this.append({ clock: this.clockOffsetMs + ms });
  }

  /** Takes over an uploaded temporary file. */
  keep(
    upload: { path: string; size: number; sha256: string },
    as: { name: string; mime: string; kind: DocumentKind },
  ): StoredFile {
    const number = this.nextFile;
    const uniqueId = `AgAD${randomBytes(9).toString("base64url")}`;
    renameSync(upload.path, this.pathOf(number));
    const file = { number, uniqueId, size: upload.size, sha256: upload.sha256, ...as };
    this.append({ file });
    return file;
  }

  post(message: Omit<StoredMessage, "id" | "state" | "date">): StoredMessage {
    const last = this.lastIds.get(message.chat) ?? 0;
    // Real ids have gaps: service messages and other authors take some.
    const id = last + 1 + (last % 5 === 3 ? 2 : 0);
    const posted: StoredMessage = { ...message, id, date: this.now(), state: "live" };
    this.append({ message: posted });
    return posted;
  }

  change(message: StoredMessage, changes: Partial<StoredMessage>): StoredMessage {
    const changed = { ...message, ...changes };
    this.append({ message: changed });
    return changed;
  }

  pin(chat: string, ids: number[]): void {
    this.append({ pinned: { chat, ids } });
  }

  pinned(chat: string): readonly number[] {
    return this.pins.get(chat) ?? [];
  }

  message(chat: string, id: number): StoredMessage | undefined {
    const found = this.messages.get(chat)?.get(id);
    return found?.state === "live" ? found : undefined;
  }

  file(number: number): StoredFile | undefined {
    return this.files.get(number);
  }

  isShown(file: number): boolean {
    return (this.showings.get(file)?.size ?? 0) > 0;
  }

  /** Chats in which a live message shows this file. */
  chatsShowing(file: number): string[] {
    return [...new Set([...(this.showings.get(file) ?? [])].map(({ chat }) => chat))];
  }

  pathOf(file: number): string {
    return join(this.filesDir, String(file));
  }

  *everyMessage(): Generator<StoredMessage & { shown: StoredFile | undefined }> {
    for (const chat of this.messages.values()) {
      for (const message of chat.values()) yield { ...message, shown: this.files.get(message.file) };
    }
  }

  close(): void {
    closeSync(this.log);
  }

  private append(entry: LogEntry): void {
    writeSync(this.log, `${JSON.stringify(entry)}\n`);
    this.apply(entry);
  }

  private apply(entry: LogEntry): void {
    if ("file" in entry) {
      this.files.set(entry.file.number, entry.file);
      this.nextFile = Math.max(this.nextFile, entry.file.number + 1);
    } else if ("message" in entry) {
      this.applyMessage(entry.message);
    } else if ("pinned" in entry) {
      this.pins.set(entry.pinned.chat, entry.pinned.ids);
    } else {
      this.clockOffsetMs = entry.clock;
    }
  }

  private applyMessage(message: StoredMessage): void {
    const chat = this.messages.get(message.chat) ?? new Map<number, StoredMessage>();
    const before = chat.get(message.id);
    chat.set(message.id, message);
    this.messages.set(message.chat, chat);
    this.lastIds.set(message.chat, Math.max(message.id, this.lastIds.get(message.chat) ?? 0));
    if (message.state === "live") {
      this.showings.set(message.file, (this.showings.get(message.file) ?? new Set()).add(message));
    }
    if (before === undefined) return;
    const showing = this.showings.get(before.file);
    showing?.delete(before);
    // Telegram promises nothing about a file that no message shows, so nothing may depend on it: it goes at once.
    if (showing?.size === 0) rmSync(this.pathOf(before.file), { force: true });
  }

  private replay(logPath: string): void {
    if (!existsSync(logPath)) return;
    for (const line of readFileSync(logPath, "utf8").split("\n")) {
      if (line === "") continue;
      try {
        this.apply(JSON.parse(line) as LogEntry);
      } catch {
        // Only the last line can be torn, by a kill; it was never acknowledged.
        return;
      }
    }
  }

  private essence(): string {
    const entries: LogEntry[] = [
      { clock: this.clockOffsetMs },
      ...[...this.files.values()].map((file) => ({ file })),
      ...[...this.messages.values()].flatMap((chat) => [...chat.values()].map((message) => ({ message }))),
      ...[...this.pins].map(([chat, ids]) => ({ pinned: { chat, ids } })),
    ];
    return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  }
}
