const FORBIDDEN = new Set(`<>:"/\\|?*&\`'`);
const LETTER_OR_NUMBER = /^[\p{L}\p{N}]$/u;

/** The name Telegram keeps for an uploaded document: URL-decoded, stem cut to 64 characters, extension to 16. */
export function cleanFileName(given: string): string {
  const name = urlDecode(given).split(/[\\/]/).at(-1) ?? "";
  const dot = name.lastIndexOf(".");
  const stem = cleanPart(dot <= 0 ? name : name.slice(0, dot), 64);
  const extension = dot <= 0 ? "" : cleanPart(name.slice(dot + 1), 16);
  if (extension === "") return stem;
  return stem === "" ? extension : `${stem}.${extension}`;
}

function urlDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cleanPart(part: string, maxLength: number): string {
  const characters = [...part].slice(0, maxLength).map((character) => (isKept(character) ? character : " "));
  return characters.join("").replace(/^[ .]+|[ .]+$/g, "");
}

function isKept(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 32) return false;
  if (code < 127) return !FORBIDDEN.has(character);
  return LETTER_OR_NUMBER.test(character);
}

export type DocumentKind = "document" | "animation" | "video" | "audio";

const TYPES: Record<string, { mime: string; kind: DocumentKind }> = {
  gif: { mime: "image/gif", kind: "animation" },
  mp4: { mime: "video/mp4", kind: "video" },
  mp3: { mime: "audio/mpeg", kind: "audio" },
  m4a: { mime: "audio/mp4", kind: "audio" },
  pdf: { mime: "application/pdf", kind: "document" },
  txt: { mime: "text/plain", kind: "document" },
  zip: { mime: "application/zip", kind: "document" },
};

/** What Telegram makes of a name unless content type detection is switched off. */
export function typeOf(name: string): { mime: string; kind: DocumentKind } {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return TYPES[extension] ?? { mime: "application/octet-stream", kind: "document" };
}
