import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import type { UploadedFileFragment, UploadedFolderFragment } from "../generated/graphql.js";
import {
  MakeUploadFolderDocument,
  UploadFileDocument,
  UploadFolderDocument,
} from "../uploads/upload.documents.js";
import { change } from "./calls.js";
import { codeOf, toHttpError, unreachable } from "./errors.js";
import { GRAPHQL_PATH, session } from "./graphql-client.js";
import { uploadLargeFolder } from "./large-folder.js";
import type { UploadStart } from "./large-folder.js";
import { sizeOf } from "./upload-source.js";
import type { NamedFolder, UploadWatcher } from "./upload-source.js";
import { uploadedBefore } from "./uploaded-before.js";

/** The server takes 1,000. */
const MOST_IN_A_REQUEST = 1_000;

export function uploadFile(file: File, folderId: string | undefined, watcher: UploadWatcher) {
  // The name goes as an argument: multipart file names lose quotes and paths.
  const variables = { file: null, name: file.name, folderId: folderId ?? null };
  return send(UploadFileDocument, variables, { "variables.file": file }, watcher).then(
    ({ uploadFile: uploaded }): UploadedFileFragment => uploaded,
  );
}

/**
 * Uploads a folder. It is made first, and told: whatever interrupts the upload, it goes on in the same folder with the files
 * that are not there yet, by name and size.
 */
export async function uploadFolder(
  folder: NamedFolder,
  watcher: UploadWatcher,
): Promise<UploadedFolderFragment> {
  const { name, files } = folder;
  const there = (await goingOn(folder, watcher.signal)) ?? (await beginning(folder));
  const rootId = there.folders.get("") ?? "";
  watcher.onFolder?.(rootId);
  const left = files.filter((one) => !there.has(one));
  if (left.length > MOST_IN_A_REQUEST)
    return uploadLargeFolder(folder, watcher, { makeFolder, sendFile: uploadFile }, there);
  if (left.length === 0 && files.length > 0) return { id: rootId, name, failedUploads: [] };
  const variables = {
    files: left.map(() => null),
    paths: left.map(({ path }) => path),
    folderName: name,
    folderId: rootId,
  };
  const parts = Object.fromEntries(left.map(({ file }, index) => [`variables.files.${index}`, file]));
  const before = sizeOf(files) - sizeOf(left);
  const onSent = (bytes: number, total: number) => watcher.onSent(before + bytes, before + total);
  const { uploadFiles } = await send(UploadFolderDocument, variables, parts, { ...watcher, onSent });
  return uploadFiles;
}

async function beginning({ name, parentId }: NamedFolder): Promise<UploadStart> {
  return { folders: new Map([["", await makeFolder(name, parentId)]]), has: () => false };
}

/** What an earlier try left; nothing when it left none, or that is gone. */
async function goingOn({ madeId }: NamedFolder, signal: AbortSignal): Promise<UploadStart | undefined> {
  if (madeId === undefined) return undefined;
  return uploadedBefore(madeId, signal).catch((error: unknown) => {
    if (codeOf(error) !== "NOT_FOUND") throw error;
    return undefined;
  });
}

async function makeFolder(name: string, parentId: string | undefined): Promise<string> {
  const variables = { name, ...(parentId !== undefined && { parentId }) };
  return (await change(MakeUploadFolderDocument, variables)).createFolder.id;
}

async function send<Data>(
  document: TypedDocumentNode<Data, never>,
  variables: Record<string, unknown>,
  files: Record<string, File>,
  watcher: UploadWatcher,
): Promise<Data> {
  const body = multipart(print(document), variables, files);
  const token = await session.token();
  try {
    return await post<Data>(body, token, watcher);
  } catch (error) {
    if (codeOf(error) !== "UNAUTHENTICATED") throw error;
    return post<Data>(body, await session.renew(token), watcher);
  }
}

/** GraphQL multipart request: operations and map come first, so the server can refuse before it reads a byte. */
function multipart(query: string, variables: Record<string, unknown>, files: Record<string, File>): FormData {
  const paths = Object.keys(files);
  const body = new FormData();
  body.append("operations", JSON.stringify({ query, variables }));
  body.append("map", JSON.stringify(Object.fromEntries(paths.map((path, index) => [index, [path]]))));
  paths.forEach((path, index) => body.append(String(index), files[path] as File));
  return body;
}

// XMLHttpRequest, because fetch does not say how much of a request body has left.
function post<Data>(body: FormData, token: string | undefined, watcher: UploadWatcher): Promise<Data> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();

    request.open("POST", GRAPHQL_PATH);
    request.responseType = "json";
    request.setRequestHeader("apollo-require-preflight", "1");
    if (token !== undefined) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => watcher.onSent(loaded, total);
    request.onload = () => settle<Data>(request, resolve, reject);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("Cancelled.", "AbortError"));
    request.onloadend = () => watcher.signal.removeEventListener("abort", abort);

    watcher.signal.addEventListener("abort", abort);
    if (watcher.signal.aborted) return reject(new DOMException("Cancelled.", "AbortError"));
    request.send(body);
  });
}

function settle<Data>(
  request: XMLHttpRequest,
  resolve: (data: Data) => void,
  reject: (error: Error) => void,
) {
  const answer = request.response as { data?: Data | null; errors?: { message: string }[] } | null;
  if (answer?.errors?.length) reject(toHttpError(answer.errors));
  else if (answer?.data) resolve(answer.data);
  else reject(unreachable(request.status));
}
