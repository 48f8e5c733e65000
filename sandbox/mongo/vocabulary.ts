import { relative } from "node:path";

/** One thing this server knows, such as `filter operator $in`, and the file whose table says what it means. */
export interface Word {
  readonly name: string;
  readonly file: string;
}

const words: Word[] = [];
let listener: ((name: string) => void) | undefined;

/**
 * What this server knows of one kind: operators, stages, options. The table is the one place that says so, and
 * looking a word up is using it.
 */
export class Vocabulary<Meaning> {
  private readonly table = new Map<string, { readonly name: string; readonly meaning: Meaning }>();

  /** @param file of the table: `import.meta.filename` */
  constructor(file: string, kind: string, table: Readonly<Record<string, Meaning>>) {
    const source = `sandbox/mongo/${relative(import.meta.dirname, file).replace(/\.js$/, ".ts")}`;
    for (const [word, meaning] of Object.entries(table)) {
      const name = `${kind} ${word}`;
      this.table.set(word, { name, meaning });
      words.push({ name, file: source });
    }
  }

  /** What a word means; undefined for one this server does not have. */
  find(word: string): Meaning | undefined {
    const found = this.table.get(word);
    if (found) listener?.(found.name);
    return found?.meaning;
  }
}

/** Names that may stand in a specification. */
export class Names extends Vocabulary<true> {
  constructor(file: string, kind: string, names: readonly string[]) {
    super(file, kind, Object.fromEntries(names.map((name) => [name, true as const])));
  }

  /** The first field of a specification that it may not have. */
  stranger(specification: object): string | undefined {
    return Object.keys(specification).find((name) => this.find(name) === undefined);
  }
}

/** Everything this server knows, as its tables say. */
export const allWords = (): readonly Word[] => words;

/** Runs `work`, which must be synchronous, and tells `hear` of each word that it looks up. */
export function listening<T>(hear: (name: string) => void, work: () => T): T {
  listener = hear;
  try {
    return work();
  } finally {
    listener = undefined;
  }
}
