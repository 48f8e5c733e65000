import type { Progress } from "./follow.js";

const MIB = 1024 * 1024;
const BAR = 30;

/** One line that changes in place on a terminal; elsewhere a new line at each tenth and each change of what happens. */
export class ProgressLine {
  #shown = "";

  constructor(
    private readonly label: string,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {}

  /** Whether the line can say more than is worth a line of its own. */
  get inPlace(): boolean {
    return this.out.isTTY === true;
  }

  show(done: number, total: number, note = ""): void {
    const share = total === 0 ? 1 : done / total;
    const line = this.inPlace ? bar(this.label, share, note) : plain(this.label, share, note);
    const key = this.inPlace ? line : `${tenths(share)} ${note.startsWith("waiting")}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.out.write(this.inPlace ? `\r\u001b[K${line}` : `${line}\n`);
  }

  end(): void {
    if (this.inPlace && this.#shown !== "") this.out.write("\n");
  }
}

function bar(label: string, share: number, note: string): string {
  const filled = Math.floor(share * BAR);
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  return `${label.padEnd(9)} ${"█".repeat(filled)}${"░".repeat(BAR - filled)} ${percent}  ${note}`;
}

function tenths(share: number): number {
  return Math.floor(share * 10);
}

function plain(label: string, share: number, note: string): string {
  return `${label.padEnd(9)} ${tenths(share) * 10} %${note === "" ? "" : `  ${note}`}`;
}

/** What the transfer is doing, for the end of its line. */
export function describe(progress: Progress, now: number): string {
  const seconds = progress.waitingUntil === null ? 0 : (Date.parse(progress.waitingUntil) - now) / 1000;
  if (seconds > 0) return `waiting ${Math.ceil(seconds)} s for Telegram`;
  return `${progress.partsDone} of ${progress.partsTotal} parts`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < MIB) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

export function rate(bytes: number, milliseconds: number): string {
  return milliseconds === 0 ? "" : `${((bytes / MIB) * (1000 / milliseconds)).toFixed(1)} MiB/s`;
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("   ")
        .trimEnd(),
    )
    .join("\n");
}
