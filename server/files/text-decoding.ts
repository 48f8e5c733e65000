import { detect } from "chardet";

/**
 * Bytes as text: UTF-8 when they are, otherwise the charset that they look most like. The last character may be cut.
 * @returns undefined for bytes that are no text
 */
export function decodeText(bytes: Buffer): { text: string; charset: string } | undefined {
  const marked = byMark(bytes);
  if (marked !== undefined) return decoded(bytes, marked);
  // In the other encodings a text has no zero bytes, and hardly a binary file has none.
  if (bytes.includes(0)) return undefined;
  return strictUtf8(bytes) ?? decoded(bytes, labelOf(detect(bytes)));
}

function byMark(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

function strictUtf8(bytes: Buffer): { text: string; charset: string } | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return { text, charset: "utf-8" };
  } catch {
    return undefined;
  }
}

function decoded(bytes: Buffer, charset: string): { text: string; charset: string } {
  return { text: new TextDecoder(charset).decode(bytes, { stream: true }), charset };
}

/** The name that decoders know it by; Western European when it is none of theirs. */
function labelOf(guess: string | null): string {
  try {
    return new TextDecoder(guess ?? "").encoding;
  } catch {
    return "windows-1252";
  }
}
