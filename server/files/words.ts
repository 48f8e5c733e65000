/** Scripts that put no spaces between words: each sign counts as a word. Other words are what lies between spaces and punctuation. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\p{P}\p{Z}\p{C}\u2044\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
const SPACES = /[\p{Z}\p{C}]+/u;
/** Letters that look like another one with an accent, and are no such thing to Unicode. */
const LIKE: Readonly<Record<string, string>> = {
  ...{ ς: "σ", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ħ: "h", ı: "i" },
};
const ALIKE = new RegExp(`[${Object.keys(LIKE).join("")}]`, "gu");

/** A text without regard to case, accents and ways to write the same letter. */
export function fold(text: string): string {
  // By way of upper case, which makes ss of ß.
  const letters = text.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase().normalize("NFKD");
  return letters.replace(/\p{M}+/gu, "").replace(ALIKE, (letter) => LIKE[letter] ?? letter);
}

/** What a name is searched by: its words, folded, each once. A name of 255 bytes has fewer than 128. */
export function wordsOf(name: string): string[] {
  return [...new Set(fold(name).match(WORD) ?? [])];
}

/**
 * What the words of a name that is searched for begin with, the longest first, since that finds the fewest. What is
 * asked for by a longer one is left out.
 */
export function termsOf(search: string): string[] {
  return narrowest(wordsOf(search));
}

/** What a user name or an address is searched by: all of it, and what is left of it from each of its words on, folded. */
export function tailsOf(text: string): string[] {
  const folded = fold(text);
  const starts = [...folded.matchAll(WORD)].map(({ index }) => folded.slice(index));
  return [...new Set([folded, ...starts])];
}

/** What tails begin with that are searched for: each piece between spaces, from its first word on where it has one. */
export function tailTermsOf(search: string): string[] {
  const pieces = fold(search).split(SPACES);
  return narrowest(
    pieces.filter((piece) => piece !== "").map((piece) => piece.slice(Math.max(0, piece.search(WORD)))),
  );
}

function narrowest(terms: readonly string[]): string[] {
  const longestFirst = [...new Set(terms)].sort((a, b) => b.length - a.length);
  return longestFirst.filter((term, i) => !longestFirst.slice(0, i).some((one) => one.startsWith(term)));
}
