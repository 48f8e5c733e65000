import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import type { UploadedFileFragment, UploadedFolderFragment } from "../generated/graphql.js";
import {
  MakeUploadFolderDocument,
  UploadedFileDocument,
  UploadFileDocument,
  UploadFolderDocument,
} from "../uploads/upload.documents.js";
import { change, fetchData } from "./calls.js";
import { codeOf, isUnanswered, toHttpError, unreachable } from "./errors.js";
import { GRAPHQL_PATH, session } from "./graphql-client.js";
import { uploadLargeFolder } from "./large-folder.js";
import type { UploadStart } from "./large-folder.js";
import { sizeOf } from "./upload-source.js";
import type { NamedFile, NamedFolder, UploadTry, UploadWatcher } from "./upload-source.js";
import { uploadedBefore } from "./uploaded-before.js";

/** The server takes 1,000. */
const MOST_IN_A_REQUEST = 1_000;
const UNREADABLE =
  "This cannot be read any more: it was changed, moved or deleted since it was chosen. Choose it again.";
const SIGNED_OUT = "You were signed out meanwhile. Sign in and upload it again.";

/** @param which without it, the upload is never tried again */
export async function uploadFile(
  file: File,
  folderId: string | undefined,
  watcher: UploadWatcher,
  which?: UploadTry,
): Promise<UploadedFileFragment> {
  if (which?.isAgain) {
    const { uploadedFile } = await fetchData(UploadedFileDocument, { uploadKey: which.key });
    if (uploadedFile) return uploadedFile;
  }
  // The name goes as an argument: multipart file names lose quotes and paths.
  const variables = {
    ...{ file: null, name: file.name, folderId: folderId ?? null },
    uploadKey: which?.key ?? null,
  };
  return (await send(UploadFileDocument, variables, { "variables.file": file }, watcher)).uploadFile;
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
  const missing = files.filter((one) => !there.has(one));
  if (missing.length > MOST_IN_A_REQUEST)
    return uploadLargeFolder(folder, watcher, { makeFolder, sendFile: uploadFile }, there);
  // One that cannot be read would break off the request, and all others with it.
  const unreadable = await unreadableOf(missing);
  const left = missing.filter((one) => !unreadable.includes(one));
  const unsent = unreadable.map(({ path }) => ({
    path,
    code: "BAD_USER_INPUT" as const,
    message: UNREADABLE,
  }));
  if (left.length === 0) return { id: rootId, name, failedUploads: unsent };
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
  return { ...uploadFiles, failedUploads: [...uploadFiles.failedUploads, ...unsent] };
}

/** Those that are gone, or were changed since they were chosen: browsers refuse to read these. */
async function unreadableOf(files: readonly NamedFile[]): Promise<NamedFile[]> {
  const looked = files.map(async (one) =>
    one.file
      .slice(0, 1)
      .arrayBuffer()
      .then(() => [])
      .catch(() => [one]),
  );
  return (await Promise.all(looked)).flat();
}

async function beginning({ name, parentId }: NamedFolder): Promise<UploadStart> {
  return { folders: new Map([["", await makeFolder(name, parentId)]]), has: () => false };
}

/** What an earlier try left; nothing when it left none, or that is gone. */
async function goingOn(
  { madeId, files }: NamedFolder,
  signal: AbortSignal,
): Promise<UploadStart | undefined> {
  if (madeId === undefined) return undefined;
  const there = await uploadedBefore(madeId, signal).catch((error: unknown) => {
    if (codeOf(error) !== "NOT_FOUND") throw error;
    return undefined;
  });
  // A server that was killed holds the names of what it was receiving for a minute: sent now, these would get numbers.
  if (there && files.some((one) => there.isUnderWay(one))) throw unreachable();
  return there;
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
  const token = present(await session.token());
  try {
    return await post<Data>(body, token, watcher);
  } catch (error) {
    // A browser does not tell why it could not send.
    if (isUnanswered(error)) await refuseUnreadable(files);
    if (codeOf(error) !== "UNAUTHENTICATED") throw error;
    return post<Data>(body, present(await session.renew(token)), watcher);
  }
}

/** @throws HttpError BAD_USER_INPUT naming one that cannot be read */
async function refuseUnreadable(files: Record<string, File>): Promise<void> {
  const named = Object.values(files).map((file) => ({ path: file.name, file }));
  const [unreadable] = await unreadableOf(named);
  if (unreadable === undefined) return;
  throw toHttpError([
    { message: `“${unreadable.path}”: ${UNREADABLE}`, extensions: { code: "BAD_USER_INPUT" } },
  ]);
}

/** Without a token the server would take the file as one that comes without an account: it would be nobody's. */
function present(token: string | undefined): string {
  if (token !== undefined) return token;
  throw toHttpError([{ message: SIGNED_OUT, extensions: { code: "UNAUTHENTICATED" } }]);
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
function post<Data>(body: FormData, token: string, watcher: UploadWatcher): Promise<Data> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();

    request.open("POST", GRAPHQL_PATH);
    request.responseType = "json";
    request.setRequestHeader("apollo-require-preflight", "1");
    request.setRequestHeader("authorization", `Bearer ${token}`);
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
