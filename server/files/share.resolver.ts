import { Arg, Args, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import { ForwardPageArgs, toConnection, toPageRequest } from "./connection.type.js";
import type { Connection } from "./connection.type.js";
import type { File } from "./file.js";
import { FileType } from "./file.type.js";
import type { FileStore, FolderStore } from "./files.ports.js";
import type { Folder } from "./folder.js";
import { FolderType } from "./folder.type.js";
import { ShareLinkInput, ShareLinksArgs, toShareLinkRequest, toShareLinksWanted } from "./share.input.js";
import type { ShareService } from "./share.service.js";
import { shareLinkState } from "./share.js";
import type { ShareAccess, ShareLink, ShareLinkState } from "./share.js";
import {
  ShareAccessConnectionType,
  ShareLinkConnectionType,
  ShareLinkStateEnum,
  ShareLinkType,
} from "./share.type.js";

@Resolver(() => ShareLinkType)
export class ShareResolver {
  private readonly fileOf: (context: RequestContext, id: string) => Promise<File | undefined>;
  private readonly folderOf: (context: RequestContext, id: string) => Promise<Folder | undefined>;

  constructor(
    private readonly shares: ShareService,
    files: Pick<FileStore, "findMany">,
    folders: Pick<FolderStore, "findMany">,
  ) {
    this.fileOf = perRequest((ids) => files.findMany(ids));
    this.folderOf = perRequest((ids) => folders.findMany(ids));
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => ShareLinkType, {
    description: "Makes a link to a file or folder. To change it, revoke it and make another.",
  })
  createShareLink(
    @Arg("input", () => ShareLinkInput, { description: "The new link." }) input: ShareLinkInput,
    @Ctx() { viewer }: RequestContext,
  ): Promise<ShareLink> {
    return this.shares.create(viewer, toShareLinkRequest(input));
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => ShareLinkType, { description: "Ends a link with the next request. Safe to repeat." })
  revokeShareLink(
    @Arg("id", () => ID, { description: "The link's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<ShareLink> {
    return this.shares.revoke(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => ShareLinkType, { description: "One link of the viewer; administrators see everybody's." })
  shareLink(
    @Arg("id", () => ID, { description: "The link's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<ShareLink> {
    return this.shares.get(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => ShareLinkConnectionType, {
    description: "The viewer's links, ended ones too, newest first; or those to one file or folder.",
  })
  async shareLinks(
    @Args(() => ShareLinksArgs) args: ShareLinksArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<ShareLink>> {
    const wanted = toShareLinksWanted(args);
    const found = await this.shares.list(viewer, wanted, toPageRequest(args));
    return toConnection(found, () => this.shares.count(viewer, wanted));
  }

  @FieldResolver(() => String, { description: "The absolute address to hand on." })
  url(@Root() link: ShareLink): string {
    return this.shares.urlOf(link);
  }

  @FieldResolver(() => Boolean, { description: "Whether visitors must know a password." })
  hasPassword(@Root() { passwordHash }: ShareLink): boolean {
    return passwordHash !== undefined;
  }

  @FieldResolver(() => ShareLinkStateEnum, { description: "Whether it opens." })
  state(@Root() link: ShareLink): ShareLinkState {
    return shareLinkState(link, new Date());
  }

  @FieldResolver(() => FileType, { nullable: true, description: "The file; none when it is gone." })
  file(@Root() link: ShareLink, @Ctx() context: RequestContext): Promise<File | undefined> {
    return owned(link, "file", (id) => this.fileOf(context, id));
  }

  @FieldResolver(() => FolderType, { nullable: true, description: "The folder; none when it is gone." })
  folder(@Root() link: ShareLink, @Ctx() context: RequestContext): Promise<Folder | undefined> {
    return owned(link, "folder", (id) => this.folderOf(context, id));
  }

  @FieldResolver(() => ShareAccessConnectionType, { description: "Who used it, newest first." })
  async accesses(
    @Root() link: ShareLink,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
  ): Promise<Connection<ShareAccess>> {
    const found = await this.shares.accesses(link, toPageRequest(page));
    return toConnection(found, () => this.shares.countAccesses(link));
  }
}

/** What a link leads to, if it is that kind of thing, still there, and still its owner's. */
async function owned<T extends { ownerId: string; purgingAt?: Date | undefined }>(
  { target, ownerId }: ShareLink,
  kind: ShareLink["target"]["kind"],
  find: (id: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  const thing = target.kind === kind ? await find(target.id) : undefined;
  return thing?.ownerId === ownerId && thing.purgingAt === undefined ? thing : undefined;
}
