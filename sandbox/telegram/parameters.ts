import type { Body, Upload } from "./body.js";

/** The parameters of one call, read the way the Bot API reads them: everything arrives as text. */
export class Parameters {
  constructor(
    private readonly body: Body,
    readonly bot: string,
  ) {}

  text(name: string): string | undefined {
    return this.body.fields.get(name);
  }

  isTrue(name: string): boolean {
    return ["true", "1", "yes"].includes((this.text(name) ?? "").toLowerCase());
  }

  messageId(name = "message_id"): number {
    return Number.parseInt(this.text(name) ?? "", 10) || 0;
  }

  /** A value that is JSON text, or undefined when it is missing or no JSON. */
  json(name: string): unknown {
    try {
      return JSON.parse(this.text(name) ?? "");
    } catch {
      return undefined;
    }
  }

  /** The file that came under this name, or under the name that an `attach://` reference gives. */
  upload(name: string): Upload | undefined {
    const reference = this.text(name);
    return this.body.uploads.get(reference?.startsWith("attach://") ? reference.slice(9) : name);
  }

  attached(reference: string): Upload | undefined {
    return reference.startsWith("attach://") ? this.body.uploads.get(reference.slice(9)) : undefined;
  }

  /** Bytes of all files of the request: what the equal-size rule looks at. */
  get totalFileBytes(): number {
    return [...this.body.uploads.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
