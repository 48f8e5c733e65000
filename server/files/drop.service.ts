import type { Readable } from "node:stream";
import type { SizeHint } from "../auth/quota.service.js";
import { anonymousOwner } from "../kernel/anonymous.js";
import type { AnonymousViewer, SignedInViewer, Viewer } from "../kernel/context.js";
import { AppError, badInput, notFound, unauthenticated } from "../kernel/errors.js";
import type { DropQuota } from "./drop-quota.js";
import type { FilePlaceService } from "./file-place.service.js";
import type { File } from "./file.js";
import type { FailedUpload, Folder } from "./folder.js";
import type { FolderService } from "./folder.service.js";
import type { ShareService, Shared } from "./share.service.js";
import type { PendingItem, BatchRequest, Drop, UploadRequest, UploadService } from "./upload.service.js";

const DAY_MS = 86_400_000;
const NOT_ALLOWED = "Uploads without an account are not allowed here. Sign in: send a valid access token.";

/** How anonymous uploads are treated, from the configuration. */
export interface DropRules {
  isAllowed: boolean;
  /** After so many days what was dropped is out of reach, and purged. */
  days: number;
}

/** What whoever has no account may upload. Undefined numbers are no limit. */
export interface DropTerms {
  days: number;
  fileBytes: number | undefined;
  bytesPerDay: number | undefined;
  filesPerDay: number | undefined;
}

/** One of the files of a form: its bytes have to be read before the next one comes. */
export interface FormFile {
  name: string;
  mimeType: string;
  body: Readable;
}

/**
 * The door for uploads. Those of accounts go straight on. One without an account becomes a drop: things without an
 * owner that last for some days, and a link to them, which is the only key. Their end is written onto them as they are
 * made: whatever dies after that, they go.
 */
export class DropService {
  constructor(
    private readonly uploads: Pick<UploadService, "admit" | "receive" | "receiveBatch" | "uploaded">,
    private readonly shares: Pick<ShareService, "createForNobody" | "urlOf">,
    private readonly placing: {
      folders: Pick<FolderService, "create" | "addFailures">;
      places: Pick<FilePlaceService, "move">;
    },
    private readonly quota: DropQuota,
    private readonly rules: DropRules,
  ) {}

  /** What anybody may upload without an account; undefined when nobody may. */
  terms(): DropTerms | undefined {
    if (!this.rules.isAllowed) return undefined;
    return { days: this.rules.days, ...this.quota.terms() };
  }

  /**
   * Refuses what cannot be stored, before it is sent.
   * @throws AppError UNAUTHENTICATED, FILE_TOO_LARGE, QUOTA_EXCEEDED; RATE_LIMITED when an address without an account
   *   has dropped enough for a day
   */
  async admit(viewer: Viewer, hint: SizeHint): Promise<void> {
    if (viewer.kind === "user") return this.uploads.admit(viewer, hint);
    await this.quota.admit(this.addressOf(viewer), hint);
  }

  /** As `UploadService.uploaded`: what came without an account has no key. */
  uploaded(viewer: Viewer, uploadKey: string): Promise<File | undefined> {
    return this.uploads.uploaded(viewer, uploadKey);
  }

  /** Stores one file. @throws AppError as `UploadService.receive` and `admit` */
  async receive(viewer: Viewer, request: UploadRequest, body: Readable, signal: AbortSignal): Promise<File> {
    if (viewer.kind === "user") return this.uploads.receive(viewer, request, body, signal);
    const drop = this.begin(viewer);
    // Nobody without an account has a folder: theirs are all somebody else's.
    if (request.folderId !== undefined) throw notFound("Folder");
    const file = await this.uploads.receive(
      drop.as,
      { ...request, uploadKey: undefined, drop },
      body,
      signal,
    );
    await this.shares.createForNobody(viewer, { kind: "file", ...file }, drop.expiresAt);
    return file;
  }

  /** Stores a batch into a new folder. @throws AppError as `UploadService.receiveBatch` and `admit` */
  async receiveBatch(
    viewer: Viewer,
    request: BatchRequest,
    items: readonly PendingItem[],
    signal: AbortSignal,
  ): Promise<Folder> {
    if (viewer.kind === "user") return this.uploads.receiveBatch(viewer, request, items, signal);
    const drop = this.begin(viewer);
    const folder = await this.uploads.receiveBatch(drop.as, { ...request, drop }, items, signal);
    await this.shares.createForNobody(viewer, { kind: "folder", ...folder }, drop.expiresAt);
    return folder;
  }

  /**
   * Stores what a form brings without an account: one file, or several, which become one folder. A bad one fails alone
   * and is listed with the folder.
   * @returns the address of the link to it
   * @throws AppError why the first one failed, when none could be stored; BAD_USER_INPUT when there is none
   */
  async receiveForm(
    viewer: AnonymousViewer,
    files: AsyncIterable<FormFile>,
    known: SizeHint,
    signal: AbortSignal,
  ): Promise<string> {
    const drop = this.begin(viewer);
    const failures: (FailedUpload & { error: AppError })[] = [];
    let first: File | undefined;
    let folder: Folder | undefined;
    const inFolder = async (): Promise<Folder> => {
      if (folder !== undefined) return folder;
      const { expiresAt, as } = drop;
      folder = await this.placing.folders.create(as, { name: nameOfDrop(new Date()), expiresAt });
      if (first !== undefined) await this.placing.places.move(as, [first.id], folder.id, "RENAME");
      return folder;
    };
    for await (const { body, ...facts } of files) {
      try {
        const folderId = first === undefined ? undefined : (await inFolder()).id;
        const request = { ...known, ...facts, folderId, drop };
        const file = await this.uploads.receive(drop.as, request, body, signal);
        first ??= file;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failures.push({ path: facts.name, code: error.code, message: error.message, error });
      } finally {
        body.destroy();
      }
    }
    signal.throwIfAborted();
    if (first === undefined) throw failures[0]?.error ?? badInput("Choose a file first.", "file");
    if (failures.length > 0) {
      const listed = failures.map(({ path, code, message }) => ({ path, code, message }));
      await this.placing.folders.addFailures(await inFolder(), listed);
    }
    const thing: Shared = folder === undefined ? { kind: "file", ...first } : { kind: "folder", ...folder };
    return this.shares.urlOf(await this.shares.createForNobody(viewer, thing, drop.expiresAt));
  }

  /** @returns also whom the upload is done as: an owner that is no account, so nothing else is theirs */
  private begin(viewer: AnonymousViewer): Drop & { as: SignedInViewer } {
    const address = this.addressOf(viewer);
    const charges = new Map<string, { release(): Promise<void> }>();
    const userId = anonymousOwner();
    return {
      as: { kind: "user", userId, sessionId: userId, role: "FREE", address },
      expiresAt: new Date(Date.now() + this.rules.days * DAY_MS),
      reserve: async (fileId, hint) => {
        const charge = await this.quota.charge(address, hint);
        charges.set(fileId, charge);
        return charge;
      },
      release: async (fileId) => {
        const charge = charges.get(fileId);
        charges.delete(fileId);
        await charge?.release();
      },
    };
  }

  private addressOf({ address = "", refusal }: AnonymousViewer): string {
    // Whoever means to be signed in must not find the file with nobody.
    if (refusal) throw refusal;
    if (!this.rules.isAllowed) throw unauthenticated(NOT_ALLOWED);
    return address;
  }
}

function nameOfDrop(now: Date): string {
  return `Dropped ${now.toISOString().slice(0, 10)}`;
}
