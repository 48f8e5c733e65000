import { Arg, Args, Ctx, Directive, ID, Mutation, Query, Resolver } from "type-graphql";
import { ForwardPageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import type { File } from "../files/file.js";
import { FileType } from "../files/file.type.js";
import type { Folder } from "../files/folder.js";
import { FolderConnectionType, FolderType } from "../files/folder.type.js";
import type { RequestContext } from "../kernel/context.js";
import type { FileArchiveService } from "./file-archive.service.js";
import type { FolderArchiveService } from "./folder-archive.service.js";
import type { Purge } from "./purge.js";
import type { PurgeService } from "./purge.service.js";
import { PurgeResultType } from "./purge.type.js";

const IDS = { description: "At most 1000. One that is missing or foreign refuses all." };
const REASON = { nullable: true, description: "Why; shown to the owner." };

@Resolver()
export class ArchiveResolver {
  constructor(
    private readonly files: FileArchiveService,
    private readonly folders: FolderArchiveService,
    private readonly purges: PurgeService,
  ) {}

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FileType], {
    description:
      "Hides files until they are restored. Their transfers go on; their bytes cannot be downloaded.",
  })
  archiveFiles(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Arg("reason", () => String, REASON) reason: string | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<File[]> {
    return this.files.archive(viewer, ids, reason ?? undefined);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FileType], {
    description: "Brings archived files back; to the top when their folder is archived or gone.",
  })
  restoreFiles(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Ctx() { viewer }: RequestContext,
  ): Promise<File[]> {
    return this.files.restore(viewer, ids);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [PurgeResultType], {
    description:
      "Begins to remove archived files for good, with every copy in Telegram. Follow it by `purge`.",
  })
  purgeFiles(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Ctx() { viewer }: RequestContext,
  ): Promise<Purge[]> {
    return this.purges.purgeFiles(viewer, ids);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FolderType], {
    description: "Hides folders with everything in them until they are restored.",
  })
  archiveFolders(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Arg("reason", () => String, REASON) reason: string | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder[]> {
    return this.folders.archive(viewer, ids, reason ?? undefined);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FolderType], {
    description: "Brings archived folders back, each with exactly what was archived with it.",
  })
  restoreFolders(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder[]> {
    return this.folders.restore(viewer, ids);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [PurgeResultType], {
    description: "Begins to remove archived folders for good, with everything in them.",
  })
  purgeFolders(
    @Arg("ids", () => [ID], IDS) ids: string[],
    @Ctx() { viewer }: RequestContext,
  ): Promise<Purge[]> {
    return this.purges.purgeFolders(viewer, ids);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FolderConnectionType, {
    description:
      "The viewer's archived folders, latest first, without those hidden in another; administrators see everybody's.",
  })
  async archivedFolders(
    @Arg("archivedById", () => ID, {
      nullable: true,
      description: "Only those that this account archived; for administrators, or one's own id.",
    })
    archivedById: string | null | undefined,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<Folder>> {
    const filter = archivedById == null ? {} : { archivedById };
    const found = await this.folders.list(viewer, filter, toPageRequest(page));
    return toConnection(found, () => this.folders.count(viewer, filter));
  }
}
