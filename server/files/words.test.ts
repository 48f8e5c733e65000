import { describe, expect, it } from "vitest";
import { fold, termsOf, wordsOf } from "./words.js";

describe("the words of a name", () => {
  it.each([
    ["Annual Report-2024_final.PDF", ["annual", "report", "2024", "final", "pdf"]],
    ["Écran à Zürich.png", ["ecran", "a", "zurich", "png"]],
    ["straße STRASSE", ["strasse"]],
    ["ΟΔΟΣ οδός", ["οδοσ"]],
    ["ﬁle № ½.txt", ["file", "no", "1", "2", "txt"]],
    ["Ｆｕｌｌ　ｗｉｄｔｈ", ["full", "width"]],
    ["会议记录.docx", ["会", "议", "记", "录", "docx"]],
    ["c++ $5 🎉.txt", ["c++", "$5", "🎉", "txt"]],
    ["Łódź smørrebrød", ["lodz", "smorrebrod"]],
    ["İstanbul ISPARTA ısı", ["istanbul", "isparta", "isi"]],
    ["...", []],
  ])("of %j are %j", (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });

  it("stay fewer than 128 in the longest name", () => {
    const signs = Array.from({ length: 85 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join("");

    expect(wordsOf(signs)).toHaveLength(85);
  });

  it("are the same however a text is folded before", () => {
    for (const text of ["Ǆ ǅ", "ﬃ", "ẞ", "Ώ", "한글", "กิน", "q̃"]) expect(fold(fold(text))).toBe(fold(text));
  });
});

describe("what is searched for", () => {
  it("is asked for by its longest words, each of which a name has to have", () => {
    expect(termsOf("re Report  RE-2024")).toEqual(["report", "2024"]);
    expect(termsOf(" - ")).toEqual([]);
  });
});
