import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { allWords } from "./vocabulary.js";

/**
 * Counts which words the clients of a server use. With a folder it also writes down there, in a file of this process,
 * which words the server knows, and each when it is first used: before its command is answered, so that killing the
 * process loses none.
 */
export class Census {
  readonly counts = new Map<string, number>();
  private readonly file: string | undefined;

  constructor(folder: string | undefined) {
    if (folder === undefined) return;
    this.file = join(folder, String(process.pid));
    const known = allWords().map((word) => `known\t${word.name}\t${word.file}\n`);
    appendFileSync(this.file, known.join(""));
  }

  readonly note = (word: string): void => {
    const before = this.counts.get(word) ?? 0;
    this.counts.set(word, before + 1);
    if (before === 0 && this.file !== undefined) appendFileSync(this.file, `used\t${word}\n`);
  };
}
