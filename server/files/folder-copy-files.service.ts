import type { SignedInViewer } from "../kernel/context.js";
import { AppError } from "../kernel/errors.js";
import type { FileCopyService } from "./file-copy.service.js";
import { isOnItsWay } from "./file.js";
import type { File } from "./file.js";
import type { FileStore } from "./files.ports.js";
import type { AwaitedFile, CopyStep, FolderCopy } from "./folder-copy.js";
import type { FailedUpload } from "./folder.js";

const PER_PAGE = 64;
const AT_ONCE = 16;
/** What is still on its way beyond this many is told as not copied. */
const MAX_AWAITED = 1_000;
const PATIENCE_MS = 86_400_000;

/** What became of some files: the rest of them is copied. */
export interface CopiedFiles {
  done: number;
  failures: FailedUpload[];
  /** All that the copy waits for then. */
  awaited: AwaitedFile[];
}

/** Copies files for copies of folders. Safe to repeat: a copy that is there is found to be. */
export class FolderCopyFiles {
  constructor(
    private readonly stores: { files: Pick<FileStore, "list" | "findMany"> },
    private readonly files: Pick<FileCopyService, "copyAs">,
  ) {}

  /** Some more files of a folder. @returns undefined when there are no more */
  async copyMore(
    copy: FolderCopy,
    step: CopyStep,
    actor: SignedInViewer,
  ): Promise<(CopiedFiles & { cursor: string | undefined }) | undefined> {
    const { items } = await this.stores.files.list(
      { ownerId: copy.ownerId, folderId: step.fromId, archived: false, createdBefore: copy.startedAt },
      { field: "CREATED_AT", descending: false },
      { count: PER_PAGE, backward: false, ...(step.cursor === undefined ? {} : { cursor: step.cursor }) },
    );
    if (items.length === 0) return undefined;
    const room = MAX_AWAITED - copy.awaited.length;
    const early = items.filter(({ node }) => isOnItsWay(node)).slice(0, room);
    const wanted = items
      .filter((item) => !early.includes(item))
      .map(({ node }) => ({ file: node, toId: step.toId, path: pathOf(copy, node.name) }));
    const awaited = early.map(({ node }) => ({
      fileId: node.id,
      toId: step.toId,
      path: pathOf(copy, node.name),
    }));
    const copied = await this.copyAll(copy, wanted, actor);
    return { ...copied, awaited: [...copy.awaited, ...awaited], cursor: items.at(-1)?.cursor };
  }

  /** Those of the files that were on their way that are not any more, or that are waited for too long. */
  async copyAwaited(copy: FolderCopy, actor: SignedInViewer): Promise<CopiedFiles> {
    const found = await this.stores.files.findMany(copy.awaited.map(({ fileId }) => fileId));
    const files = new Map(found.map((file) => [file.id, file]));
    const isOver = Date.now() - copy.startedAt.getTime() > PATIENCE_MS;
    const awaited = copy.awaited.filter(({ fileId }) => {
      const file = files.get(fileId);
      return !isOver && file !== undefined && isThere(file) && isOnItsWay(file);
    });
    const wanted = copy.awaited
      .filter((one) => !awaited.includes(one))
      .map(({ fileId, toId, path }) => ({ file: files.get(fileId), toId, path }));
    return { ...(await this.copyAll(copy, wanted, actor)), awaited };
  }

  private async copyAll(
    { id }: FolderCopy,
    wanted: readonly { file: File | undefined; toId: string; path: string }[],
    actor: SignedInViewer,
  ): Promise<{ done: number; failures: FailedUpload[] }> {
    const failures: FailedUpload[] = [];
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const some = wanted
        .slice(at, at + AT_ONCE)
        .map(({ file, toId, path }) => this.copyOne(actor, file, { id, toId, path }));
      failures.push(...(await Promise.all(some)).filter((failure) => failure !== undefined));
    }
    return { done: wanted.length - failures.length, failures };
  }

  /** @returns why it could not be copied */
  private async copyOne(
    actor: SignedInViewer,
    file: File | undefined,
    { id, toId, path }: { id: string; toId: string; path: string },
  ): Promise<FailedUpload | undefined> {
    if (file === undefined || !isThere(file)) {
      return { path, code: "NOT_FOUND", message: "It was archived or removed before it was stored." };
    }
    try {
      await this.files.copyAs(actor, file, { key: `copy:${id}:${file.id}`, folderId: toId });
      return undefined;
    } catch (error) {
      // What the database refuses now it may take later: only verdicts about the file are results.
      if (!(error instanceof AppError) || error.code === "UNAVAILABLE") throw error;
      return { path, code: error.code, message: error.message };
    }
  }
}

function isThere({ archivedAt, purgingAt }: File): boolean {
  return archivedAt === undefined && !purgingAt;
}

/** Where a thing lies, seen from the folder that is copied. */
export function pathOf({ way = [] }: FolderCopy, name: string): string {
  return [...way.slice(1).map((step) => step.name), name].join("/");
}
