import type { Message } from "./outbox.js";

/** Mails may hold anything: nothing in the page runs, and each HTML body has a frame without rights of its own. */
export const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
article{border:1px solid #ccc;border-radius:8px;padding:1rem;margin:1rem 0}h2{font-size:1rem;margin:0}
pre{white-space:pre-wrap;overflow-wrap:anywhere}iframe{width:100%;height:20rem;border:1px solid #ddd}`;

/** A page to read the delivered mails in a browser. */
export function renderPage(messages: readonly Message[]): string {
  const articles = messages.map(renderMessage).join("\n");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Outbox</title><style>${STYLE}</style>
<h1>Outbox</h1>${articles === "" ? "<p>No mail yet. Reload to look again.</p>" : articles}</html>`;
}

function renderMessage({ id, to, from, subject, text, html, date }: Message): string {
  const link = `/messages/${encodeURIComponent(id)}.eml`;
  const frame = `<base target="_blank">${html}`;
  const body =
    html === ""
      ? `<pre>${escape(text)}</pre>`
      : `<iframe title="Mail" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escape(frame)}"></iframe>
<details><summary>Plain text</summary><pre>${escape(text)}</pre></details>`;
  return `<article><h2>${escape(subject)}</h2>
<p>From ${escape(from)} to ${escape(to.join(", "))}, ${escape(date)} · <a href="${link}">source</a></p>${body}</article>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
