/** Scripts that put no spaces between words: each sign counts as a word. */
const SIGNS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const BETWEEN_WORDS = /[\p{P}\p{Z}\p{C}\u2044]+/u;
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
  const spaced = fold(name).replace(new RegExp(SIGNS, "gu"), " $& ");
  return [...new Set(spaced.split(BETWEEN_WORDS).filter((word) => word !== ""))];
}

/**
 * What the words of a name that is searched for begin with, the longest first, since that finds the fewest. What is
 * asked for by a longer one is left out.
 */
export function termsOf(search: string): string[] {
  const longestFirst = wordsOf(search).sort((a, b) => b.length - a.length);
  return longestFirst.filter((term, i) => !longestFirst.slice(0, i).some((one) => one.startsWith(term)));
}
