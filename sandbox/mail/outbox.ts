import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import PostalMime from "postal-mime";

/** A mail that was delivered to the stand-in. */
export interface Message {
  id: string;
  to: string[];
  from: string;
  subject: string;
  text: string;
  html: string;
  date: string;
}

interface Envelope {
  to: string[];
  from: string;
  date: string;
}

const KEPT_MESSAGES = 1000;

/** Delivered mails, newest first, each kept as an .eml file and its envelope: a restart loses none. */
export class Outbox {
  private kept: Message[] = [];
  private readonly directory: string;

  private constructor(dataDir: string) {
    this.directory = join(dataDir, "outbox");
    mkdirSync(this.directory, { recursive: true });
  }

  static async open(dataDir: string): Promise<Outbox> {
    const outbox = new Outbox(dataDir);
    const envelopes = readdirSync(outbox.directory).filter((name) => name.endsWith(".json"));
    for (const name of envelopes.sort().slice(-KEPT_MESSAGES)) {
      const id = name.slice(0, -".json".length);
      const envelope = JSON.parse(readFileSync(join(outbox.directory, name), "utf8")) as Envelope;
      outbox.kept.unshift(await parse(id, envelope, outbox.raw(id) ?? Buffer.alloc(0)));
    }
    return outbox;
  }

  get messages(): readonly Message[] {
    return this.kept;
  }

  async add(to: string[], from: string, raw: Buffer): Promise<void> {
    const date = new Date().toISOString();
    const id = `${date.replace(/\D/g, "")}-${randomBytes(4).toString("hex")}`;
    const envelope = { to, from, date };
    const message = await parse(id, envelope, raw);
    writeFileSync(this.pathOf(id, "eml"), raw);
    // The envelope makes the message exist, so it comes last and whole.
    writeFileSync(this.pathOf(id, "new"), JSON.stringify(envelope));
    renameSync(this.pathOf(id, "new"), this.pathOf(id, "json"));
    this.kept.unshift(message);
    for (const old of this.kept.splice(KEPT_MESSAGES)) this.forget(old.id);
  }

  /** The mail as it came over the wire. */
  raw(id: string): Buffer | undefined {
    try {
      return /^[\w-]+$/.test(id) ? readFileSync(this.pathOf(id, "eml")) : undefined;
    } catch {
      return undefined;
    }
  }

  clear(): void {
    for (const { id } of this.kept) this.forget(id);
    this.kept = [];
  }

  private forget(id: string): void {
    for (const kind of ["json", "eml"]) rmSync(this.pathOf(id, kind), { force: true });
  }

  private pathOf(id: string, kind: string): string {
    return join(this.directory, `${id}.${kind}`);
  }
}

async function parse(id: string, { to, from, date }: Envelope, raw: Buffer): Promise<Message> {
  const { subject = "", text = "", html = "" } = await PostalMime.parse(raw);
  return { id, to, from, subject, text, html, date };
}
