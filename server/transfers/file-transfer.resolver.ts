import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { File } from "../files/file.js";
import { FileType } from "../files/file.type.js";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import type { Transfer } from "./transfer.js";
import { TransferType } from "./transfer.type.js";
import type { TransferStore } from "./transfers.ports.js";

/** What transfers add to files, which lie to the left and cannot know them. */
@Resolver(() => FileType)
export class FileTransferResolver {
  private readonly transferOf: (context: RequestContext, id: string) => Promise<Transfer | undefined>;

  constructor(transfers: Pick<TransferStore, "findMany">) {
    this.transferOf = perRequest((ids) => transfers.findMany(ids));
  }

  @FieldResolver(() => TransferType, {
    nullable: true,
    description: "The move of its bytes; none while they arrive.",
  })
  async transfer(@Root() file: File, @Ctx() context: RequestContext): Promise<Transfer | undefined> {
    return file.transferId === undefined ? undefined : this.transferOf(context, file.transferId);
  }
}
