import { html } from "./html.js";
import { formatSize, page } from "./share-page.js";

/** A form that works without script. @param problem why the last try failed */
export function dropPage(
  { days, fileBytes }: { days: number; fileBytes: number },
  problem: string | undefined,
): string {
  return page(
    "Drop a file",
    html`<h1>Drop a file</h1>
      <p>
        No account is needed. You get a link: whoever has it can fetch the file for
        ${days === 1 ? "1 day" : `${days} days`}, then the file is removed. Without the link nobody reaches
        it, not even you.
      </p>
      ${problem === undefined ? undefined : html`<p class="error" role="alert">${problem}</p>`}
      <form method="post" action="/drop" enctype="multipart/form-data">
        <label for="file">File, up to ${formatSize(fileBytes)}</label>
        <input id="file" name="file" type="file" required />
        <button>Upload</button>
      </form>`,
  );
}
