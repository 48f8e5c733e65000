import {
  Arg,
  Args,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import { ForwardPageArgs, toConnection, toPageRequest } from "../files/connection.type.js";
import type { Connection } from "../files/connection.type.js";
import type { File } from "../files/file.js";
import { FileType } from "../files/file.type.js";
import type { FileStore } from "../files/files.ports.js";
import { cancellable } from "../kernel/cancellable.js";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import type { TransferProgress } from "../kernel/progress.js";
import type { ControlService } from "./control.service.js";
import type { Transfer } from "./transfer.js";
import type { TransferService } from "./transfer.service.js";
import {
  TransferConnectionType,
  TransferProgressType,
  TransferType,
  TransferWhereInput,
  toTransferFilter,
} from "./transfer.type.js";

@Resolver(() => TransferType)
export class TransferResolver {
  private readonly fileOf: (context: RequestContext, id: string) => Promise<File | undefined>;

  constructor(
    private readonly transfers: TransferService,
    private readonly control: ControlService,
    files: Pick<FileStore, "findMany">,
  ) {
    this.fileOf = perRequest((ids) => files.findMany(ids));
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => TransferType, { description: "One transfer of the viewer; administrators see everybody's." })
  transfer(
    @Arg("id", () => ID, { description: "The transfer's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Transfer> {
    return this.transfers.get(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => TransferConnectionType, {
    name: "transfers",
    description: "The viewer's transfers, newest first; administrators see everybody's.",
  })
  async listTransfers(
    @Arg("where", () => TransferWhereInput, { nullable: true, description: "Which transfers." })
    where: TransferWhereInput | null,
    @Args(() => ForwardPageArgs) page: ForwardPageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<Transfer>> {
    const filter = toTransferFilter(where);
    const found = await this.transfers.list(viewer, filter, toPageRequest(page));
    return toConnection(found, () => this.transfers.count(viewer, filter));
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => TransferType, {
    description:
      "Stops a transfer until it is resumed; what is being sent may still be finished. CONFLICT once it has ended.",
  })
  pauseTransfer(
    @Arg("id", () => ID, { description: "The transfer's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Transfer> {
    return this.control.pause(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => TransferType, {
    description: "Lets a paused transfer go on where it stopped. CONFLICT once it has ended.",
  })
  resumeTransfer(
    @Arg("id", () => ID, { description: "The transfer's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Transfer> {
    return this.control.resume(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => TransferType, {
    description:
      "Ends a transfer for good: what was sent and what is staged is removed. CONFLICT once its file is stored.",
  })
  cancelTransfer(
    @Arg("id", () => ID, { description: "The transfer's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Transfer> {
    return this.control.cancel(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => TransferType, {
    description:
      "Queues a failed transfer again; ends the wait of one that is to be tried again. CONFLICT when it is paused, done or cancelled.",
  })
  retryTransfer(
    @Arg("id", () => ID, { description: "The transfer's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Transfer> {
    return this.control.retry(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Subscription(() => TransferProgressType, {
    description:
      "Follows one file's transfer, its present state first, until it is settled; without fileId all of the viewer's.",
    subscribe: ({ args, context }) => {
      const { viewer, watch } = context as RequestContext;
      const { fileId } = args as { fileId?: string | null };
      return cancellable((signal) => watch(viewer, fileId == null ? "mine" : { fileId }, signal));
    },
  })
  transferProgress(
    @Root() progress: TransferProgress,
    @Arg("fileId", () => ID, { nullable: true, description: "The file to follow." }) _fileId: string | null,
  ): TransferProgress {
    return progress;
  }

  @Directive("@auth(requires: ADMIN)")
  @Subscription(() => TransferProgressType, {
    description: "Follows the transfers of all users.",
    subscribe: ({ context }) => {
      const { viewer, watch } = context as RequestContext;
      return cancellable((signal) => watch(viewer, "everybody", signal));
    },
  })
  allTransferProgress(@Root() progress: TransferProgress): TransferProgress {
    return progress;
  }

  @FieldResolver(() => FileType, { nullable: true, description: "The file whose bytes are moved." })
  file(@Root() transfer: Transfer, @Ctx() context: RequestContext): Promise<File | undefined> {
    return this.fileOf(context, transfer.fileId);
  }
}
