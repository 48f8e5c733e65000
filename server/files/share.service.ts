import type { PasswordHasher } from "../auth/auth.ports.js";
import { checkPasswordLength } from "../auth/password.js";
import type { AuditTrail } from "../kernel/audit.js";
import { isAdmin, ownsOrAdministers } from "../kernel/context.js";
import type { Viewer } from "../kernel/context.js";
import { badInput, conflict, notFound, unauthenticated } from "../kernel/errors.js";
import { newId } from "../kernel/ids.js";
import type { File } from "./file.js";
import { ownerAsViewer } from "./file.service.js";
import type { FileService } from "./file.service.js";
import type { Page, PageRequest } from "./files.ports.js";
import type { FolderService } from "./folder.service.js";
import { checkShareLimits } from "./share.js";
import type { ShareAccess, ShareLink, ShareTarget } from "./share.js";
import type { ShareAccessStore, ShareKeys, ShareLinkFilter, ShareLinkStore } from "./share.ports.js";

export interface ShareLinkRequest {
  fileId?: string | undefined;
  folderId?: string | undefined;
  expiresAt?: Date | undefined;
  password?: string | undefined;
  maxDownloads?: number | undefined;
}

/** Whose links, or the links to what. */
export type ShareLinksWanted = Pick<ShareLinkRequest, "fileId" | "folderId"> & {
  ownerId?: string | undefined;
};

/** What a link is made to. */
export type Shared = ShareTarget & Pick<File, "name" | "ownerId">;

/** Share links as their owners and administrators see them. A link is changed by revoking it and making another. */
export class ShareService {
  constructor(
    private readonly ports: {
      shareLinks: ShareLinkStore;
      shareAccesses: ShareAccessStore;
      shareKeys: ShareKeys;
      hasher: PasswordHasher;
      audit: AuditTrail;
    },
    private readonly files: Pick<FileService, "get">,
    private readonly folders: Pick<FolderService, "get">,
    private readonly baseUrl: () => string,
  ) {}

  /**
   * Makes a link. One that an administrator makes is the owner's all the same.
   * @throws AppError BAD_USER_INPUT unless exactly one thing is named, and for limits and passwords that cannot be;
   *   NOT_FOUND when it is missing or somebody else's; CONFLICT while it is archived
   */
  async create(viewer: Viewer, request: ShareLinkRequest): Promise<ShareLink> {
    if (viewer.kind !== "user") throw unauthenticated();
    const target = targetOf(request);
    if (target === undefined) throw badInput("Give either a file or a folder to share.", "input", "fileId");
    const thing = await this.thing(viewer, target);
    if (thing.archivedAt !== undefined)
      throw conflict(`This ${target.kind} is archived. Restore it first to share it.`);
    const { expiresAt, maxDownloads, password } = request;
    checkShareLimits(request, new Date());
    if (password !== undefined) checkPasswordLength(password, "input", "password");
    const passwordHash = password === undefined ? undefined : await this.ports.hasher.hash(password);
    return this.make(viewer, { ...thing, kind: target.kind }, { expiresAt, maxDownloads, passwordHash });
  }

  /** Makes the link that is the only key to what came without an account. It ends with the thing. */
  createForNobody(viewer: Viewer, thing: Shared, expiresAt: Date): Promise<ShareLink> {
    return this.make(viewer, thing, { expiresAt, maxDownloads: undefined, passwordHash: undefined });
  }

  /** Ends a link with the next request. Safe to repeat. @throws AppError NOT_FOUND when it is missing or somebody else's */
  async revoke(viewer: Viewer, id: string): Promise<ShareLink> {
    const link = await this.get(viewer, id);
    if (link.revokedAt !== undefined) return link;
    const revoked = await this.ports.shareLinks.revoke(id, new Date());
    if (revoked === undefined) throw notFound("Share link");
    await this.ports.audit.record(viewer, {
      action: "share-link.revoked",
      target: { kind: "share-link", id },
      after: { targetKind: link.target.kind, targetId: link.target.id, downloads: revoked.downloads },
    });
    return revoked;
  }

  /** @throws AppError NOT_FOUND when it is missing or somebody else's */
  async get(viewer: Viewer, id: string): Promise<ShareLink> {
    const link = await this.ports.shareLinks.find(id);
    if (link === undefined || !ownsOrAdministers(viewer, link.ownerId)) throw notFound("Share link");
    return link;
  }

  /**
   * The viewer's links, ended ones too, newest first; or those to one thing.
   * @throws AppError NOT_FOUND when the thing, or the owner asked for, is not the viewer's to see
   */
  async list(viewer: Viewer, wanted: ShareLinksWanted, page: PageRequest): Promise<Page<ShareLink>> {
    return this.ports.shareLinks.list(await this.filterOf(viewer, wanted), page);
  }

  async count(viewer: Viewer, wanted: ShareLinksWanted): Promise<number> {
    return this.ports.shareLinks.count(await this.filterOf(viewer, wanted));
  }

  /** The newest link to each of these things that is neither revoked nor expired. Who may see them was decided before. */
  async newestTo(targetIds: readonly string[]): Promise<{ id: string; link: ShareLink }[]> {
    const links = await this.ports.shareLinks.workingTo(targetIds, new Date());
    const newest = new Map(links.toReversed().map((link) => [link.target.id, link]));
    return [...newest].map(([id, link]) => ({ id, link }));
  }

  /** Who used a link of the viewer's, newest first. */
  accesses(link: ShareLink, page: PageRequest): Promise<Page<ShareAccess>> {
    return this.ports.shareAccesses.list(link.id, page);
  }

  countAccesses(link: ShareLink): Promise<number> {
    return this.ports.shareAccesses.count(link.id);
  }

  /** The absolute address to hand on. */
  urlOf({ key }: ShareLink): string {
    return `${this.baseUrl()}/s/${this.ports.shareKeys.tokenOf(key)}`;
  }

  private async make(
    viewer: Viewer,
    { kind, id, name, ownerId }: Shared,
    limits: Pick<ShareLink, "expiresAt" | "maxDownloads" | "passwordHash">,
  ): Promise<ShareLink> {
    const { expiresAt, maxDownloads, passwordHash } = limits;
    const link: ShareLink = {
      ...{ id: newId(), key: this.ports.shareKeys.newKey(), ownerId, target: { kind, id } },
      ...{ ...limits, createdAt: new Date(), downloads: 0, revokedAt: undefined },
    };
    await this.ports.shareLinks.insert(link);
    await this.ports.audit.record(viewer, {
      action: "share-link.created",
      target: { kind: "share-link", id: link.id, name },
      after: {
        ...{ targetKind: kind, targetId: id, hasPassword: passwordHash !== undefined },
        ...{ expiresAt: expiresAt?.toISOString() ?? null, maxDownloads: maxDownloads ?? null },
      },
    });
    return link;
  }

  /**
   * Where whoever uploaded a file without an account fetches it: through the link that came with it, or with its folder.
   * @throws AppError NOT_FOUND when that has ended
   */
  async addressForNobody(file: File): Promise<string> {
    let top = { id: file.id, parentId: file.folderId };
    while (top.parentId !== undefined) {
      const { id, parentId } = await this.folders.get(ownerAsViewer(file), top.parentId);
      top = { id, parentId };
    }
    const [found] = await this.newestTo([top.id]);
    if (found === undefined) throw notFound("Share link");
    const { link } = found;
    if (top.id === file.id) return `${this.urlOf(link)}/content`;
    return `${this.urlOf(link)}/files/${this.ports.shareKeys.seal(link.key, `file:${file.id}`)}/content`;
  }

  private async filterOf(viewer: Viewer, wanted: ShareLinksWanted): Promise<ShareLinkFilter> {
    if (viewer.kind !== "user") throw unauthenticated();
    const { fileId, folderId, ownerId } = wanted;
    if (ownerId !== undefined && ownerId !== viewer.userId && !isAdmin(viewer)) throw notFound("User");
    if (fileId === undefined && folderId === undefined) return { ownerId: ownerId ?? viewer.userId };
    const target = targetOf(wanted);
    if (target === undefined)
      throw badInput("Ask for the links of a file or of a folder, not both.", "fileId");
    const thing = await this.thing(viewer, target);
    // Links of a former owner are nobody's business any more.
    return { target, ownerId: ownerId ?? thing.ownerId };
  }

  private thing(viewer: Viewer, { kind, id }: ShareTarget) {
    return kind === "file" ? this.files.get(viewer, id) : this.folders.get(viewer, id);
  }
}

/** The one thing that is named; undefined for none and for two. */
function targetOf({ fileId, folderId }: ShareLinksWanted): ShareTarget | undefined {
  if ((fileId === undefined) === (folderId === undefined)) return undefined;
  return fileId === undefined ? { kind: "folder", id: folderId ?? "" } : { kind: "file", id: fileId };
}
