import type { File } from "../files/file.js";
import type { Page, PageRequest } from "../files/files.ports.js";
import type { Viewer } from "../kernel/context.js";
import { badInput } from "../kernel/errors.js";
import type { Part } from "../vault/blob.js";
import type { BlobStore, PartStore } from "../vault/vault.ports.js";
import { requireAdministrator } from "./administrator.js";

/** Where the bytes of a file lie, as operators look after them. */
export class PartsService {
  constructor(
    private readonly blobs: Pick<BlobStore, "find">,
    private readonly parts: Pick<PartStore, "range">,
  ) {}

  /**
   * Parts in order, forward only.
   * @throws AppError FORBIDDEN; BAD_USER_INPUT for a cursor that is none of this list's
   */
  async list(viewer: Viewer, file: File, page: PageRequest): Promise<Page<Part>> {
    requireAdministrator(viewer);
    const from = page.cursor === undefined ? 0 : indexOf(page.cursor) + 1;
    // One more than asked for tells whether more follow.
    const found = await this.parts.range(file.blobId, from, from + page.count);
    return {
      items: found.slice(0, page.count).map((part) => ({ cursor: cursorOf(part), node: part })),
      hasNext: found.length > page.count,
      hasPrevious: from > 0,
    };
  }

  async count(viewer: Viewer, file: File): Promise<number> {
    requireAdministrator(viewer);
    return (await this.blobs.find(file.blobId))?.partsTotal ?? 0;
  }
}

function cursorOf({ index }: Part): string {
  return Buffer.from(String(index)).toString("base64url");
}

function indexOf(cursor: string): number {
  const text = Buffer.from(cursor, "base64url").toString();
  if (!/^\d{1,9}$/.test(text)) {
    throw badInput("This cursor was not given out by this list. Start again without one.", "after");
  }
  return Number(text);
}
