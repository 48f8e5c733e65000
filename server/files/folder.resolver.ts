import { Arg, Args, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from "type-graphql";
import type { AccountStore } from "../auth/auth.ports.js";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import { ByteSize } from "../kernel/scalars.js";
import { ForwardPageArgs, toConnection, toPageRequest } from "./connection.type.js";
import type { Connection } from "./connection.type.js";
import type { File } from "./file.js";
import type { FileService } from "./file.service.js";
import { FileConnectionType } from "./file.type.js";
import type { FileStore, FolderStore, FolderTally } from "./files.ports.js";
import type { FolderCopy } from "./folder-copy.js";
import type { FolderCopyStore } from "./folder-copy.ports.js";
import { FolderCopyType } from "./folder-copy.type.js";
import { folderState } from "./folder.js";
import type { Folder, FolderState } from "./folder.js";
import type { FolderService } from "./folder.service.js";
import { FolderConnectionType, FolderStateEnum, FolderType } from "./folder.type.js";

type TallyOf = (context: RequestContext, id: string) => Promise<(FolderTally & { id: string }) | undefined>;

@Resolver(() => FolderType)
export class FolderResolver {
  private readonly ownerOf: (context: RequestContext, id: string) => Promise<User | undefined>;
  private readonly folderOf: (context: RequestContext, id: string) => Promise<Folder | undefined>;
  private readonly copyOf: (context: RequestContext, id: string) => Promise<FolderCopy | undefined>;
  private readonly liveTallyOf: TallyOf;
  private readonly archivedTallyOf: TallyOf;

  constructor(
    private readonly folders: FolderService,
    private readonly files: FileService,
    accounts: Pick<AccountStore, "findMany">,
    folderStore: Pick<FolderStore, "findMany">,
    fileStore: Pick<FileStore, "tally">,
    copies: Pick<FolderCopyStore, "findMany">,
  ) {
    this.copyOf = perRequest((ids) => copies.findMany(ids));
    this.ownerOf = perRequest((ids) => accounts.findMany(ids));
    this.folderOf = perRequest((ids) => folderStore.findMany(ids));
    const tallyOf = (archived: boolean): TallyOf =>
      perRequest(async (ids) =>
        [...(await fileStore.tally(ids, archived))].map(([id, tally]) => ({ id, ...tally })),
      );
    this.liveTallyOf = tallyOf(false);
    this.archivedTallyOf = tallyOf(true);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FolderType, { description: "One folder of the viewer; administrators see everybody's." })
  folder(
    @Arg("id", () => ID, { description: "The folder's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder> {
    return this.folders.get(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => [FolderType], {
    description: "The way to a folder: those it lies in, from the top, and itself.",
  })
  folderPath(
    @Arg("id", () => ID, { description: "The folder's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder[]> {
    return this.folders.pathTo(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FolderConnectionType, {
    name: "folderSearch",
    description:
      "Folders that are not archived, wherever they lie, by name: the viewer's, or everybody's for administrators. " +
      "`Folder.path` says where each lies.",
  })
  async searchFolders(
    @Arg("search", () => String, {
      description: "What words of the name begin with, as in FileWhere; a text that is empty finds all.",
    })
    search: string,
    @Arg("folderId", () => ID, {
      nullable: true,
      description: "Only folders in this one, at any depth.",
    })
    folderId: string | null,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<Folder>> {
    const where = { search, below: folderId ?? undefined };
    const found = await this.folders.search(viewer, where, toPageRequest(page));
    return toConnection(found, () => this.folders.countFound(viewer, where));
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FolderConnectionType, {
    name: "folders",
    description: "The folders in a folder, or the viewer's at the top, by name.",
  })
  async listFolders(
    @Arg("parentId", () => ID, { nullable: true, description: "The folder they lie in." })
    parentId: string | null,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<Folder>> {
    const parent = parentId ?? undefined;
    const found = await this.folders.list(viewer, parent, toPageRequest(page));
    return toConnection(found, () => this.folders.count(viewer, parent));
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: "Whose it is; nobody's when it came without an account.",
  })
  owner(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<User | undefined> {
    return this.ownerOf(context, folder.ownerId);
  }

  @FieldResolver(() => FolderType, { nullable: true, description: "The folder it lies in; none at the top." })
  async parent(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<Folder | undefined> {
    return folder.parentId === undefined ? undefined : this.folderOf(context, folder.parentId);
  }

  @FieldResolver(() => [FolderType], {
    name: "path",
    description: "The folders it lies in, from the top; none at the top.",
  })
  async pathTo(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<Folder[]> {
    const above = await Promise.all(folder.path.map((id) => this.folderOf(context, id)));
    return above.filter((one) => one !== undefined);
  }

  @FieldResolver(() => FolderStateEnum, { description: "How far its files, at any depth, are." })
  async state(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<FolderState> {
    const [tally, copy] = await Promise.all([this.tallyOf(context, folder), this.copyOf(context, folder.id)]);
    const isFilling = copy?.state === "RUNNING";
    return folderState(tally?.files ?? {}, { failedUploads: folder.failedUploads.length, isFilling });
  }

  @FieldResolver(() => FolderCopyType, {
    nullable: true,
    description: "How it is copied from another folder; until a week after it is done.",
  })
  async copy(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<FolderCopyType | undefined> {
    const copy = await this.copyOf(context, folder.id);
    return copy && { ...copy, awaited: copy.awaited.length };
  }

  @FieldResolver(() => ByteSize, { description: "Bytes of its files, at any depth." })
  async size(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<number> {
    return (await this.tallyOf(context, folder))?.sizeBytes ?? 0;
  }

  @FieldResolver(() => Int, { description: "How many files it has, at any depth." })
  async fileCount(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<number> {
    const counts = Object.values((await this.tallyOf(context, folder))?.files ?? {});
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** An archived folder counts what is archived in it. */
  private tallyOf(context: RequestContext, folder: Folder): ReturnType<TallyOf> {
    const tallyOf = folder.archivedAt === undefined ? this.liveTallyOf : this.archivedTallyOf;
    return tallyOf(context, folder.id);
  }

  @FieldResolver(() => FileConnectionType, {
    name: "files",
    description: "The files directly in it, newest first.",
  })
  async listFiles(
    @Root() folder: Folder,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<File>> {
    const found = await this.files.listIn(viewer, folder, toPageRequest(page));
    return toConnection(found, () => this.files.countIn(viewer, folder));
  }
}
