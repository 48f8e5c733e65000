import type { DropFileMutation, DropFilesMutation } from "./generated/sdk.js";
import { DropFileDocument, DropFilesDocument } from "./generated/sdk.js";
import { sendMultipart } from "./graphql.js";

/** What `PUT /files` answers without an account. */
export interface PutAnswer {
  id: string;
  name: string;
  downloadUrl: string;
  expiresAt: string;
  shareLink: { url: string; expiresAt: string };
}

let addresses = 0;

/** Somebody without an account, at an address of their own; the server must trust the proxy that says so. */
export function aDropper(url: string) {
  addresses += 1;
  const address = `198.51.${100 + Math.floor(addresses / 250)}.${addresses % 250}`;
  const headers = { "x-forwarded-for": address };
  return {
    address,
    put: (name: string, body: string | Uint8Array | ReadableStream, more: Record<string, string> = {}) =>
      fetch(`${url}/files?name=${encodeURIComponent(name)}`, {
        ...{ method: "PUT", headers: { ...headers, ...more }, body, duplex: "half" },
      }),
    async dropFile(name: string, bytes: Uint8Array, folderId?: string) {
      const variables = { file: null, name, ...(folderId && { folderId }) };
      const files = [{ path: "variables.file", name: "upload", bytes }];
      const data = await sendMultipart(url, undefined, DropFileDocument, variables, files, headers);
      return (data as DropFileMutation).uploadFile;
    },
    async dropFiles(folderName: string, contents: Record<string, Uint8Array>) {
      const paths = Object.keys(contents);
      const variables = { files: paths.map(() => null), paths, folderName };
      const files = Object.values(contents).map((bytes, i) => ({
        ...{ path: `variables.files.${i}`, name: "upload", bytes },
      }));
      const data = await sendMultipart(url, undefined, DropFilesDocument, variables, files, headers);
      return (data as DropFilesMutation).uploadFiles;
    },
    /** Sends the form of the page with several files chosen. */
    formOf(files: Record<string, string>) {
      const form = new FormData();
      for (const [name, text] of Object.entries(files)) form.append("file", new Blob([text]), name);
      return fetch(`${url}/drop`, {
        ...{ method: "POST", redirect: "manual", body: form },
        headers: { ...headers, accept: "text/html" },
      });
    },
    /** Sends the form of the page, as a browser does. */
    form(fields: Record<string, Blob | string>, name = "a.txt", more: Record<string, string> = {}) {
      const form = new FormData();
      for (const [field, value] of Object.entries(fields)) {
        if (typeof value === "string") form.set(field, value);
        else form.set(field, value, name);
      }
      return fetch(`${url}/drop`, {
        ...{ method: "POST", redirect: "manual", body: form },
        headers: { ...headers, accept: "text/html", ...more },
      });
    },
  };
}
