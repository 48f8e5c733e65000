import { relative } from "node:path";

/** One thing this server knows: `filter operator $in`, and the file whose table says what it means. */
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
  /** @param file of the table: `import.meta.filename` */
  constructor(
    file: string,
    private readonly kind: string,
    private readonly table: Readonly<Record<string, Meaning>>,
  ) {
    const source = `sandbox/mongo/${relative(import.meta.dirname, file).replace(/\.js$/, ".ts")}`;
    for (const word of Object.keys(table)) words.push({ name: `${kind} ${word}`, file: source });
  }

  /** What a word means; undefined for one this server does not have. */
  find(word: string): Meaning | undefined {
    if (!Object.hasOwn(this.table, word)) return undefined;
    listener?.(`${this.kind} ${word}`);
    return this.table[word];
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
export function listening<T>(hear: ((name: string) => void) | undefined, work: () => T): T {
  listener = hear;
  try {
    return work();
  } finally {
    listener = undefined;
  }
}
