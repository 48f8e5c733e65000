import { Transform, pipeline } from "node:stream";
import type { Readable } from "node:stream";
import type { AttemptLimits } from "../auth/attempts.js";
import type { AccountStore, PasswordHasher } from "../auth/auth.ports.js";
import { isAnonymous } from "../kernel/anonymous.js";
import { AppError, gone, notFound, unauthenticated } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import { refuseOver } from "./file.js";
import type { File } from "./file.js";
import type { FileService, OpenFile } from "./file.service.js";
import type { FileStore, FolderStore } from "./files.ports.js";
import type { Folder } from "./folder.js";
import type { PreviewService, TextPreview } from "./preview.service.js";
import type { ThumbnailSize } from "./preview.js";
import { actingFor, listingOf, memberOf } from "./share-members.js";
import type { SharedListing } from "./share-members.js";
import { shareLinkState } from "./share.js";
import type { ShareAccess, ShareLink } from "./share.js";
import type { ShareAccessStore, ShareKeys, ShareLinkStore } from "./share.ports.js";
import type { Zip, ZipService } from "./zip.service.js";

/** Somebody who followed a link. */
export interface Visit {
  token: string;
  address: string;
  /** What `unlock` gave, if anything. */
  pass: string | undefined;
}

/** A link that opens, and what it leads to. */
export interface Share {
  link: ShareLink;
  file: File | undefined;
  folder: Folder | undefined;
}

/** Something that can be downloaded, and what a download of it goes by. */
export interface SharedBytes<T> {
  share: Share;
  item: string;
  /** A file's name; a folder's zip has none in the access log. */
  name: string | undefined;
  bytes: T;
}

/** Which download it may be that a request goes on with. */
export interface Continuation {
  grant: string | undefined;
  /** Whether it asks for a range. A request for the whole is a download of its own. */
  isRanged: boolean;
}

export interface Grant {
  value: string;
  seconds: number;
}

const PASS_SECONDS = 60 * 60;
/** For so long a visitor may go on with what was begun, or seek in it. */
const DOWNLOAD_SECONDS = 6 * 60 * 60;
const PASSWORD = "password";
/** Of what came without an account: an owner whom nobody archives. */
const NOBODY = { archivedAt: undefined };

const NO_MORE = "All the downloads that this link allows were made. Ask whoever sent it for a new one.";

/** What visitors get through a link: without an account, and without learning whose things they are. */
export class ShareVisitService {
  constructor(
    private readonly ports: {
      shareLinks: ShareLinkStore;
      shareAccesses: ShareAccessStore;
      shareKeys: ShareKeys;
      files: Pick<FileStore, "find" | "list">;
      folders: Pick<FolderStore, "find" | "list">;
      accounts: Pick<AccountStore, "find">;
      hasher: PasswordHasher;
      limits: AttemptLimits;
      log: Logger;
    },
    private readonly reading: {
      files: Pick<FileService, "open">;
      zips: Pick<ZipService, "folder">;
      previews: Pick<PreviewService, "thumbnail" | "text">;
    },
  ) {}

  /**
   * @throws AppError NOT_FOUND when there is no such link, also while what it leads to or its owner is archived; GONE when
   *   it expired or was revoked; UNAUTHENTICATED when the password is still to be given
   */
  async open({ token, pass }: Visit): Promise<Share> {
    const share = await this.find(token);
    const { key, passwordHash } = share.link;
    const isOpen = passwordHash === undefined || this.holds(key, PASSWORD, pass);
    if (!isOpen) throw unauthenticated("This link is protected by a password.");
    return share;
  }

  /** Like `open`, for whoever begins to look around: noted in the access log. @throws AppError GONE also when it is used up */
  async lookAt(visit: Visit): Promise<Share> {
    const share = await this.open(visit);
    refuseUsedUp(share.link);
    await this.note(share.link, visit, { action: "OPENED" });
    return share;
  }

  /**
   * Takes a password.
   * @returns the pass that opens the link for an hour
   * @throws AppError UNAUTHENTICATED when it is wrong; RATE_LIMITED after some wrong ones from one address
   */
  async unlock(visit: Visit, password: string): Promise<Grant> {
    const { link } = await this.find(visit.token);
    const { limits, hasher } = this.ports;
    if (link.passwordHash !== undefined) {
      const account = `share link ${link.id}`;
      await limits.byAddress("link failure", visit.address);
      await limits.guess(account, visit.address);
      const isRight = await hasher.verify(link.passwordHash, password);
      await this.note(link, visit, { action: isRight ? "UNLOCKED" : "WRONG_PASSWORD" });
      if (!isRight) throw unauthenticated("This is not the link's password.");
      await limits.guessedRight(account, visit.address);
      await limits.forgiveAddress("link failure", visit.address);
    }
    return this.grant(link, PASSWORD, PASS_SECONDS);
  }

  /**
   * A file: the one that is shared, or one in the shared folder.
   * @param key the file's name in this link, when it is one in a folder
   * @throws AppError as `open`; NOT_FOUND when it is not in the folder, or archived; GONE when the link is used up
   */
  async file(visit: Visit, key: string | undefined, grant?: string): Promise<SharedBytes<OpenFile>> {
    const share = await this.open(visit);
    const id = key === undefined ? share.file?.id : await memberOf(this.ports, share, "file", key);
    if (id === undefined) throw notFound("File");
    const item = `file:${id}`;
    if (!this.holds(share.link.key, item, grant)) refuseUsedUp(share.link);
    const bytes = await this.reading.files.open(actingFor(share.link), id);
    return { share, item, name: bytes.file.name, bytes };
  }

  /**
   * What is in the shared folder, or in one below it.
   * @param place the folder's name in this link, and where to go on in a long list
   * @throws AppError as `file`
   */
  async folder(
    visit: Visit,
    place: { key?: string | undefined; after?: string | undefined },
  ): Promise<SharedListing> {
    const share = await this.lookAt(visit);
    if (share.folder === undefined) throw notFound("Folder");
    return listingOf(this.ports, { ...share, folder: share.folder }, place);
  }

  /** The shared folder, with all that is in it. @throws AppError as `file` */
  async zip(visit: Visit): Promise<SharedBytes<Zip>> {
    const share = await this.open(visit);
    if (share.folder === undefined) throw notFound("Folder");
    refuseUsedUp(share.link);
    const bytes = await this.reading.zips.folder(actingFor(share.link), share.folder.id);
    return { share, item: "zip", name: undefined, bytes };
  }

  /** An image made small. It is no download. @throws AppError as `file`; NOT_FOUND when there is none */
  async thumbnail(
    visit: Visit,
    key: string | undefined,
    size: ThumbnailSize,
  ): Promise<{ file: File; webp: Buffer }> {
    const { share, bytes } = await this.file(visit, key);
    return this.reading.previews.thumbnail(actingFor(share.link), bytes.file.id, size);
  }

  /** The beginning of a text; undefined when it is none. A link with a cap shows none: that would be the download. */
  async text({ share, bytes }: SharedBytes<OpenFile>, signal: AbortSignal): Promise<TextPreview | undefined> {
    if (share.link.maxDownloads !== undefined) return undefined;
    return this.reading.previews
      .text(actingFor(share.link), bytes.file.id, signal)
      .catch((error: unknown) => {
        if (error instanceof AppError && error.code === "NOT_FOUND") return undefined;
        throw error;
      });
  }

  /**
   * Sends bytes through a link: counts the download unless it is one that goes on, and notes how much went out.
   * @param open begins to read them
   * @returns the bytes, and what lets the visitor go on with this download
   * @throws AppError GONE when the cap was reached, or the link revoked, in the meantime
   */
  async deliver(
    { share: { link }, item, name }: Pick<SharedBytes<unknown>, "share" | "item" | "name">,
    visit: Visit,
    { grant, isRanged }: Continuation,
    open: () => Promise<Readable>,
  ): Promise<{ bytes: Readable; grant: Grant }> {
    const goesOn = isRanged && this.holds(link.key, item, grant);
    if (!goesOn && !(await this.ports.shareLinks.countDownload(link))) throw gone(NO_MORE);
    let sent = 0;
    const settle = async (): Promise<void> => {
      const action = item === "zip" ? "ZIP" : "FILE";
      if (sent > 0) await this.note(link, visit, { action, name, bytes: sent });
      else if (!goesOn)
        await this.ports.shareLinks.takeBackDownload(link.id).catch((error: unknown) => {
          this.ports.log.error(
            { err: error, linkId: link.id },
            "a download that did not begin stays counted",
          );
        });
    };
    const source = await open().catch(async (error: unknown) => {
      await settle();
      throw error;
    });
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sent += chunk.length;
        done(undefined, chunk);
      },
    });
    pipeline(source, meter, () => void settle());
    return { bytes: meter, grant: this.grant(link, item, DOWNLOAD_SECONDS) };
  }

  private async find(token: string): Promise<Share> {
    const key = this.ports.shareKeys.keyOf(token);
    const link = key === undefined ? undefined : await this.ports.shareLinks.findByKey(key);
    if (link === undefined) throw notFound("Share link");
    const state = shareLinkState(link, new Date());
    if (state === "REVOKED") throw gone("This link was revoked by whoever made it.");
    if (state === "EXPIRED") throw gone("This link has expired. Ask whoever sent it for a new one.");
    const { kind, id } = link.target;
    const [owner, file, folder] = await Promise.all([
      isAnonymous(link.ownerId) ? NOBODY : this.ports.accounts.find(link.ownerId),
      kind === "file" ? this.ports.files.find(id) : undefined,
      kind === "folder" ? this.ports.folders.find(id) : undefined,
    ]);
    const thing = file ?? folder;
    if (thing !== undefined) refuseOver(thing);
    const isHere = thing?.ownerId === link.ownerId && !thing.archivedAt && !thing.purgingAt;
    if (!isHere || owner === undefined || owner.archivedAt) throw notFound("Share link");
    return { link, file, folder };
  }

  private grant(link: ShareLink, what: string, seconds: number): Grant {
    const until = new Date(Date.now() + seconds * 1000);
    return { value: this.ports.shareKeys.grant(link.key, what, until), seconds };
  }

  private holds(key: string, what: string, grant: string | undefined): boolean {
    return grant !== undefined && this.ports.shareKeys.isGrant(key, what, grant, new Date());
  }

  /** A log that cannot be written keeps nobody from reading. */
  private async note(
    link: ShareLink,
    { address }: Visit,
    what: Pick<ShareAccess, "action"> & Partial<Pick<ShareAccess, "name" | "bytes">>,
  ): Promise<void> {
    const { action, name, bytes = 0 } = what;
    try {
      await this.ports.shareAccesses.record({ linkId: link.id, address, action, name, bytes });
    } catch (error) {
      this.ports.log.error({ err: error, linkId: link.id }, "an access through a link could not be noted");
    }
  }
}

function refuseUsedUp(link: ShareLink): void {
  if (shareLinkState(link, new Date()) === "USED_UP") throw gone(NO_MORE);
}
