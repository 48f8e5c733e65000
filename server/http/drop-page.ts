import { sizeText } from "../kernel/size-text.js";
import { html } from "./html.js";
import { page } from "./share-page.js";

/** A form that works without script. @param problem why the last try failed */
export function dropPage(
  { days, fileBytes }: { days: number; fileBytes: number },
  problem: string | undefined,
): string {
  return page(
    "Drop files",
    html`<h1>Drop files</h1>
      <p>
        No account is needed. You get one link: whoever has it can fetch what you drop for
        ${days === 1 ? "1 day" : `${days} days`}, then it is removed. Without the link nobody reaches it, not
        even you.
      </p>
      ${problem === undefined ? undefined : html`<p class="error" role="alert">${problem}</p>`}
      <form method="post" action="/drop" enctype="multipart/form-data">
        <label for="file">One file or several, each up to ${sizeText(fileBytes)}</label>
        <input id="file" name="file" type="file" multiple required />
        <button>Upload</button>
      </form>`,
  );
}
