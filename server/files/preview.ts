import path from "node:path";
import type { File } from "./file.js";

export const PREVIEW_KINDS = [
  "IMAGE",
  "VIDEO",
  "AUDIO",
  "PDF",
  "TEXT",
  "CODE",
  "MARKDOWN",
  "UNSUPPORTED",
] as const;
export type PreviewKind = (typeof PREVIEW_KINDS)[number];

/** Of a text so many bytes are shown. */
export const TEXT_PREVIEW_BYTES = 256 * 1024;

/** Widths and heights that a thumbnail fits into, in pixels. */
export const THUMBNAIL_SIZES = [128, 512, 1024] as const;
export type ThumbnailSize = (typeof THUMBNAIL_SIZES)[number];

/** An image larger than this gets no thumbnail: all of it would have to be fetched and held. */
export const MAX_IMAGE_BYTES = 32 * 1024 * 1024;

/** Types that every browser shows without running anything. Whatever is not listed is only ever saved. */
const SHOWABLE: readonly [RegExp, PreviewKind][] = [
  [/^image\/(?:png|jpeg|gif|webp|avif)$/, "IMAGE"],
  [/^video\/[a-z0-9.+-]+$/, "VIDEO"],
  [/^audio\/[a-z0-9.+-]+$/, "AUDIO"],
  [/^application\/pdf$/, "PDF"],
  [/^text\/plain$/, "TEXT"],
];

const TEXTS = "txt text log csv tsv ini cfg conf env properties srt vtt diff patch rtf tex nfo";
const MARKDOWNS = "md markdown mdown mkd";
const CODES =
  "js mjs cjs jsx ts mts cts tsx json jsonc json5 ndjson geojson html htm xhtml xml xsl xslt svg css scss sass less " +
  "py rb rs go java kt kts scala c h cc cpp cxx hpp hh cs fs swift m mm php pl pm lua r jl dart ex exs erl hs ml clj " +
  "sh bash zsh fish ps1 bat cmd sql graphql gql proto yml yaml toml dockerfile makefile cmake gradle vue svelte tf " +
  "gitignore editorconfig lock";
/** Types of active content, or of programs: shown as their source, never run. */
const CODE_TYPES =
  /^(?:text\/(?:html|css|xml|javascript|x-[a-z0-9.+-]+)|application\/(?:json|xml|javascript|x-sh|graphql|[a-z0-9.+-]+\+(?:json|xml))|image\/svg\+xml)$/;

const MISTAKEN: ReadonlySet<string> = new Set(["video/mp2t", "audio/mpeg"]);

const BY_ENDING = new Map<string, PreviewKind>([
  ...endings(TEXTS, "TEXT"),
  ...endings(MARKDOWNS, "MARKDOWN"),
  ...endings(CODES, "CODE"),
]);

/**
 * How a file can be looked at. Recognized media go by their type; texts, which have no marks of their own, by the
 * name's ending first. Images that browsers do not show alike (HEIC, TIFF, BMP) are unsupported; SVG is source code.
 */
export function previewKindOf(file: Pick<File, "name" | "mimeType">): PreviewKind {
  const type = essence(file.mimeType);
  const shown = SHOWABLE.find(([pattern]) => pattern.test(type))?.[1];
  const named = BY_ENDING.get(endingOf(file.name));
  if (shown !== undefined && shown !== "TEXT") {
    // ".ts" is declared as video by many a client, and the first bytes of UTF-16 look like those of an MPEG frame.
    return MISTAKEN.has(type) ? (named ?? shown) : shown;
  }
  const isText = type.startsWith("text/") || CODE_TYPES.test(type) || type === "application/octet-stream";
  if (named !== undefined && isText) return named;
  if (type === "text/markdown") return "MARKDOWN";
  if (CODE_TYPES.test(type)) return "CODE";
  return type.startsWith("text/") ? "TEXT" : "UNSUPPORTED";
}

export function isTextual(kind: PreviewKind): boolean {
  return kind === "TEXT" || kind === "CODE" || kind === "MARKDOWN";
}

/** The content type under which a browser may show the file itself; undefined when it may only be saved. */
export function inlineTypeOf(mimeType: string): string | undefined {
  const type = essence(mimeType);
  if (!SHOWABLE.some(([pattern]) => pattern.test(type))) return undefined;
  return type === "text/plain" ? "text/plain; charset=utf-8" : type;
}

function essence(mimeType: string): string {
  return mimeType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** `a.MD` ends in `md`; `Makefile` and `.gitignore` in their whole names. */
function endingOf(name: string): string {
  const { ext, name: stem } = path.posix.parse(name);
  return (ext === "" ? stem.replace(/^\./, "") : ext.slice(1)).toLowerCase();
}

function endings(list: string, kind: PreviewKind): [string, PreviewKind][] {
  return list.split(" ").map((ending) => [ending, kind]);
}
