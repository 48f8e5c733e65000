import { ArgsType, Field, ID, InputType, Int } from "type-graphql";
import { DateTime } from "../kernel/scalars.js";
import { ForwardPageArgs } from "./connection.type.js";
import type { ShareLinkRequest, ShareLinksWanted } from "./share.service.js";

@InputType("ShareLinkInput", { description: "A new share link, to exactly one thing." })
export class ShareLinkInput {
  @Field(() => ID, { nullable: true, description: "The file to share." })
  fileId?: string | null;

  @Field(() => ID, { nullable: true, description: "Or the folder, with all that is in it." })
  folderId?: string | null;

  @Field(() => DateTime, { nullable: true, description: "When it ends by itself; never when absent." })
  expiresAt?: Date | null;

  @Field(() => String, { nullable: true, description: "What visitors must know: 8 to 1024 bytes." })
  password?: string | null;

  @Field(() => Int, { nullable: true, description: "How many downloads it allows: 1 to 1,000,000." })
  maxDownloads?: number | null;
}

@ArgsType()
export class ShareLinksArgs extends ForwardPageArgs {
  @Field(() => ID, { nullable: true, description: "Only links to this file." })
  fileId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only links to this folder." })
  folderId?: string | null;

  @Field(() => ID, { nullable: true, description: "This user's links; for administrators, or one's own id." })
  ownerId?: string | null;
}

export function toShareLinkRequest(input: ShareLinkInput): ShareLinkRequest {
  const { fileId, folderId, expiresAt, password, maxDownloads } = input;
  return {
    ...{ fileId: fileId ?? undefined, folderId: folderId ?? undefined, expiresAt: expiresAt ?? undefined },
    ...{ password: password ?? undefined, maxDownloads: maxDownloads ?? undefined },
  };
}

export function toShareLinksWanted({ fileId, folderId, ownerId }: ShareLinksArgs): ShareLinksWanted {
  return { fileId: fileId ?? undefined, folderId: folderId ?? undefined, ownerId: ownerId ?? undefined };
}
