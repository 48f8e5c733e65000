import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import type { File } from "./file.js";
import { FileType } from "./file.type.js";
import type { Folder } from "./folder.js";
import { FolderType } from "./folder.type.js";
import type { ShareService } from "./share.service.js";
import type { ShareLink } from "./share.js";
import { ShareLinkType } from "./share.type.js";

const DESCRIPTION = "Its newest share link that is neither revoked nor expired.";

/** The link to a thing, of a list in one query. One that a former owner made is not shown. */
function linkOf(shares: ShareService) {
  const newest = perRequest((ids) => shares.newestTo(ids));
  return async (context: RequestContext, { id, ownerId }: File | Folder): Promise<ShareLink | undefined> => {
    const found = await newest(context, id);
    return found?.link.ownerId === ownerId ? found.link : undefined;
  };
}

@Resolver(() => FileType)
export class SharedFileResolver {
  private readonly linkOf: ReturnType<typeof linkOf>;

  constructor(shares: ShareService) {
    this.linkOf = linkOf(shares);
  }

  @FieldResolver(() => ShareLinkType, { nullable: true, description: DESCRIPTION })
  shareLink(@Root() file: File, @Ctx() context: RequestContext): Promise<ShareLink | undefined> {
    return this.linkOf(context, file);
  }
}

@Resolver(() => FolderType)
export class SharedFolderResolver {
  private readonly linkOf: ReturnType<typeof linkOf>;

  constructor(shares: ShareService) {
    this.linkOf = linkOf(shares);
  }

  @FieldResolver(() => ShareLinkType, { nullable: true, description: DESCRIPTION })
  shareLink(@Root() folder: Folder, @Ctx() context: RequestContext): Promise<ShareLink | undefined> {
    return this.linkOf(context, folder);
  }
}
