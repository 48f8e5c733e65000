import { createHash } from "node:crypto";
import type { File } from "../files/file.js";
import { inlineTypeOf, previewKindOf } from "../files/preview.js";
import type { PreviewKind } from "../files/preview.js";
import type { SharedListing } from "../files/share-members.js";
import type { ShareLink } from "../files/share.js";
import { hasThumbnail } from "../files/preview.service.js";
import { sizeText } from "../kernel/size-text.js";
import { Html, html } from "./html.js";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: light-dark(#1565c0, #90caf9); --on: light-dark(#fff, #0b1a2a); }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .25rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; }
a { color: var(--accent); }
.facts, footer { color: color-mix(in srgb, CanvasText 68%, Canvas); font-size: .9rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; }
.button, button { display: inline-block; padding: .65rem 1.25rem; border: 1px solid var(--accent); border-radius: .4rem; background: var(--accent); color: var(--on); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; }
.button.quiet { background: none; color: var(--accent); }
.button:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
img.preview, video, audio { display: block; max-width: 100%; margin: 1.25rem 0; }
img.preview, video { max-height: 70vh; border-radius: .4rem; background: var(--soft); }
audio { width: 100%; }
pre { max-height: 60vh; overflow: auto; padding: 1rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--soft); font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
ul { list-style: none; margin: 1rem 0; padding: 0; border-top: 1px solid var(--line); }
li { display: flex; align-items: center; gap: .75rem; min-height: 3rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
li .name { flex: 1; min-width: 0; overflow-wrap: anywhere; }
li .size { flex: none; font-variant-numeric: tabular-nums; color: color-mix(in srgb, CanvasText 68%, Canvas); font-size: .9rem; }
li img, li .icon { flex: none; width: 2.5rem; height: 2.5rem; border-radius: .25rem; object-fit: cover; background: var(--soft); }
li .icon { display: grid; place-items: center; }
form { display: grid; gap: .75rem; max-width: 22rem; margin: 1.25rem 0; }
input { width: 100%; padding: .6rem .75rem; border: 1px solid var(--line); border-radius: .4rem; font: inherit; background: Field; color: FieldText; }
.error { padding: .6rem .9rem; border-left: 4px solid light-dark(#c62828, #ef9a9a); background: var(--soft); }
div.error { margin-bottom: 1.5rem; }
.plain { margin: 0; border: 0; }
.plain li { display: block; padding: .15rem 0; border: 0; overflow-wrap: anywhere; }
.note { margin: 0 0 1.5rem; padding: .6rem .9rem .9rem; border-left: 4px solid light-dark(#2e7d32, #a5d6a7); background: var(--soft); }
footer { margin-top: 2.5rem; }
`;

/** No script, nothing from elsewhere, and only this style. */
export const SHARE_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  // The empty icon is one, so that none is asked for.
  "img-src 'self' data:",
  "media-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A file of a link, with where its bytes are and the beginning of its text, if it is one. */
export interface FileView {
  /** The link's whole address, for whoever has just dropped the file. */
  dropped: string | undefined;
  link: ShareLink;
  file: File;
  /** Of the file's page; what belongs to it is below. */
  path: string;
  /** The folder that it is shown from. */
  up: string | undefined;
  text: { text: string; isCut: boolean } | undefined;
}

export function filePage({ link, file, path, up, text, dropped }: FileView): string {
  const kind = previewKindOf(file);
  const canShow = inlineTypeOf(file.mimeType) !== undefined;
  return page(
    file.name,
    html`${dropped === undefined ? undefined : droppedNote(dropped, link, "Your file is here.")}
      ${up === undefined ? undefined : html`<p><a href="${up}">Back to the folder</a></p>`}
      <h1><bdi>${file.name}</bdi></h1>
      <p class="facts">${sizeText(file.sizeBytes)} · ${KINDS[kind]}${limitsOf(link)}</p>
      ${preview(kind, file, path, link.maxDownloads !== undefined, text)}
      <p class="actions">
        <a class="button" href="${path}/content">Download</a>
        ${canShow && kind !== "UNSUPPORTED" ? html`<a class="button quiet" href="${path}/content?inline=1">Open</a>` : undefined}
      </p>`,
  );
}

/**
 * @param root the link's own address
 * @param dropped its whole address, for whoever has just dropped the files
 */
export function folderPage(listing: SharedListing, root: string, dropped?: string): string {
  const { link, name, parentKey, folders, files, failed, next } = listing;
  const up = parentKey === "" ? root : `${root}/folders/${parentKey ?? ""}`;
  const isEmpty = folders.length + files.length === 0;
  return page(
    name,
    html`${dropped === undefined ? undefined : droppedNote(dropped, link, "Your files are here.")}
      ${dropped === undefined || failed.length === 0 ? undefined : failedNote(failed)}
      ${parentKey === undefined ? undefined : html`<p><a href="${up}">Up one folder</a></p>`}
      <h1><bdi>${name}</bdi></h1>
      <p class="facts">Folder${limitsOf(link)}</p>
      <p class="actions"><a class="button" href="${root}/zip">Download everything as zip</a></p>
      ${
        isEmpty
          ? html`<p>There is nothing here.</p>`
          : html`<ul>
              ${folders.map((folder) => folderRow(folder, root))}${files.map((entry) => fileRow(entry, root))}
            </ul>`
      }
      ${next === undefined ? undefined : html`<p><a class="button quiet" href="?after=${next}">More files</a></p>`}`,
  );
}

/** @param problem why the last try failed */
export function passwordPage(root: string, problem: string | undefined): string {
  return page(
    "Password needed",
    html`<h1>Password needed</h1>
      <p>Somebody shares something with you here. Type the password that you were given.</p>
      ${problem === undefined ? undefined : html`<p class="error" role="alert">${problem}</p>`}
      <form method="post" action="${root}">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="off" required autofocus />
        <button>Open</button>
      </form>`,
  );
}

export function problemPage(title: string, detail: string): string {
  return page(
    title,
    html`<h1>${title}</h1>
      <p>${detail}</p>`,
  );
}

function failedNote(failed: SharedListing["failed"]): Html {
  const rows = failed.map(({ path, message }) => html`<li><bdi>${path}</bdi>: ${message}</li>`);
  return html`<div class="error" role="alert">
    <p><strong>Not stored:</strong></p>
    <ul class="plain">
      ${rows}
    </ul>
  </div>`;
}

function droppedNote(url: string, { expiresAt }: ShareLink, what: string): Html {
  return html`<div class="note" role="status">
    <p>
      <strong>${what}</strong> This link is the only key: keep it, and give it to whoever may have what you
      dropped. ${expiresAt && html`It works until ${timeText(expiresAt)}; then all of it is removed.`}
    </p>
    <label for="link">Link</label>
    <input id="link" readonly value="${url}" />
  </div>`;
}

export function page(title: string, body: Html): string {
  const style = new Html(`<style>${STYLE}</style>`);
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>
          ${body}
          <footer>Shared with Telestash</footer>
        </main>
      </body>
    </html>`.text
  }\n`;
}

const KINDS: Record<PreviewKind, string> = {
  IMAGE: "Image",
  VIDEO: "Video",
  AUDIO: "Audio",
  PDF: "PDF document",
  TEXT: "Text",
  CODE: "Source code",
  MARKDOWN: "Markdown",
  UNSUPPORTED: "File",
};

/** @param isCapped then nothing is loaded by looking at the page: playing it is a download */
function preview(
  kind: PreviewKind,
  file: File,
  path: string,
  isCapped: boolean,
  text: FileView["text"],
): Html | undefined {
  const source = `${path}/content?inline=1`;
  const preload = isCapped ? "none" : "metadata";
  if (hasThumbnail(file)) {
    return html`<img class="preview" src="${path}/thumbnail?size=1024" alt="" />`;
  }
  if (kind === "VIDEO") return html`<video controls preload="${preload}" src="${source}"></video>`;
  if (kind === "AUDIO") return html`<audio controls preload="${preload}" src="${source}"></audio>`;
  if (text === undefined) return undefined;
  const rest = text.isCut ? html`<p class="facts">Only the beginning is shown.</p>` : undefined;
  return html`<pre tabindex="0" aria-label="Beginning of the text">${text.text}</pre>
    ${rest}`;
}

function folderRow({ key, name }: SharedListing["folders"][number], root: string): Html {
  return html`<li>
    <span class="icon">${icon("M3 6h6l2 2h10v10H3z")}</span>
    <span class="name"
      ><a href="${root}/folders/${key}"><bdi>${name}</bdi></a></span
    >
  </li>`;
}

function fileRow({ key, file }: SharedListing["files"][number], root: string): Html {
  const path = `${root}/files/${key}`;
  const picture = hasThumbnail(file)
    ? html`<img src="${path}/thumbnail" alt="" loading="lazy" />`
    : html`<span class="icon">${icon("M6 3h8l4 4v14H6z M14 3v4h4")}</span>`;
  return html`<li>
    ${picture}
    <span class="name"
      ><a href="${path}"><bdi>${file.name}</bdi></a></span
    >
    <span class="size">${sizeText(file.sizeBytes)}</span>
  </li>`;
}

function icon(path: string): Html {
  return html`<svg
    width="22"
    height="22"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    aria-hidden="true"
  >
    <path d="${path}" />
  </svg>`;
}

function limitsOf({ expiresAt, maxDownloads, downloads }: ShareLink): Html {
  const ends = expiresAt && html` · until ${timeText(expiresAt)}`;
  const left = maxDownloads === undefined ? undefined : Math.max(0, maxDownloads - downloads);
  const cap =
    left === undefined ? undefined : html` · ${left === 1 ? "1 download" : `${left} downloads`} left`;
  return html`${ends}${cap}`;
}

function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
