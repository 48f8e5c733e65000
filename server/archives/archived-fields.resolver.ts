import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { ClassType } from "type-graphql";
import type { AccountStore } from "../auth/auth.ports.js";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import { FileType } from "../files/file.type.js";
import { FolderType } from "../files/folder.type.js";
import type { ArchiveMark } from "../kernel/archived.js";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import { DateTime } from "../kernel/scalars.js";
import type { UserArchive } from "./archives.ports.js";
import type { RetentionService } from "./retention.service.js";

const BY = {
  nullable: true,
  description: "The user name of who archived it; none for a rule or a purged account.",
};
const REASON = { nullable: true, description: "Why it was archived, as far as somebody said." };
const EXPIRES = {
  nullable: true,
  description:
    "When it is purged by itself: what is archived, unless it is restored before; what came without an account, at the " +
    "end of its time. From then on nobody reaches it.",
};
const WITH = {
  nullable: true,
  description: "The archived folder that it is hidden with; none when it was archived by itself.",
};

type Expiring = ArchiveMark & { expiresAt: Date | undefined };
type Named = (context: RequestContext, mark: ArchiveMark) => Promise<string | undefined>;

function naming(accounts: Pick<AccountStore, "findMany">): Named {
  const accountOf = perRequest((ids) => accounts.findMany(ids));
  return async (context, { archivedById }) =>
    archivedById === undefined ? undefined : (await accountOf(context, archivedById))?.username;
}

/** What being archived adds to files and folders alike. */
function archivedFields(type: () => ClassType) {
  @Resolver(type)
  class ArchivedThingResolver {
    private readonly nameOf: Named;

    constructor(
      accounts: Pick<AccountStore, "findMany">,
      private readonly retention: RetentionService,
    ) {
      this.nameOf = naming(accounts);
    }

    @FieldResolver(() => String, BY)
    archivedBy(@Root() thing: ArchiveMark, @Ctx() context: RequestContext): Promise<string | undefined> {
      return this.nameOf(context, thing);
    }

    @FieldResolver(() => String, REASON)
    archivedReason(@Root() thing: ArchiveMark): string | undefined {
      return thing.archivedReason;
    }

    @FieldResolver(() => String, WITH)
    archivedWith(@Root() thing: ArchiveMark): string | undefined {
      return thing.archivedWith;
    }

    @FieldResolver(() => DateTime, EXPIRES)
    expiresAt(@Root() thing: Expiring): Date | undefined {
      return this.retention.expiryOf(thing);
    }
  }
  return ArchivedThingResolver;
}

export const ArchivedFileResolver = archivedFields(() => FileType);
export const ArchivedFolderResolver = archivedFields(() => FolderType);

/** What being archived adds to users. */
@Resolver(() => UserType)
export class ArchivedUserResolver {
  private readonly nameOf: Named;
  private readonly markOf: (context: RequestContext, id: string) => Promise<(User & ArchiveMark) | undefined>;

  constructor(accounts: Pick<AccountStore, "findMany">, users: Pick<UserArchive, "findMany">) {
    this.nameOf = naming(accounts);
    this.markOf = perRequest((ids) => users.findMany(ids));
  }

  @FieldResolver(() => String, BY)
  async archivedBy(@Root() user: User, @Ctx() context: RequestContext): Promise<string | undefined> {
    if (user.archivedAt === undefined) return undefined;
    return this.nameOf(context, (await this.markOf(context, user.id)) ?? user);
  }

  @FieldResolver(() => String, REASON)
  async archivedReason(@Root() user: User, @Ctx() context: RequestContext): Promise<string | undefined> {
    if (user.archivedAt === undefined) return undefined;
    return (await this.markOf(context, user.id))?.archivedReason;
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: "Since when the account is being purged: nobody can restore it any more.",
  })
  async purgingAt(@Root() user: User, @Ctx() context: RequestContext): Promise<Date | undefined> {
    if (user.archivedAt === undefined) return undefined;
    return (await this.markOf(context, user.id))?.purgingAt;
  }
}
