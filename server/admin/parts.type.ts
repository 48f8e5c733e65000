import { Field, Int, ObjectType } from "type-graphql";
import { connectionType } from "../files/connection.type.js";
import { ByteSize, DateTime } from "../kernel/scalars.js";

@ObjectType("PartReplica", { description: "One copy of a part: a message in a chat." })
export class PartReplicaType {
  @Field(() => String, { description: "The chat's number." })
  chat: string;

  @Field(() => Int, { description: "The message's number in it." })
  messageId: number;

  @Field(() => String, { description: "The number of the bot that posted it." })
  bot: string;

  @Field(() => String, { description: "What that bot calls the document; of no use to another one." })
  fileId: string;

  @Field(() => String, { description: "What all bots call it; it cannot be downloaded by that." })
  fileUniqueId: string;

  @Field(() => ByteSize, { name: "size", description: "Bytes of the document: the part and its padding." })
  sizeBytes: number;

  @Field(() => String, { description: "Of the document as it was sent: lower-case hex." })
  sha256: string;

  @Field(() => DateTime, {
    nullable: true,
    description: "When it was read back and found equal; absent while that is due.",
  })
  verifiedAt: Date | undefined;

  @Field(() => DateTime, {
    nullable: true,
    description: "Since when its bytes are missing or wrong, as far as a reader saw; a repair decides.",
  })
  suspectAt: Date | undefined;
}

@ObjectType("FilePart", { description: "A part of a file, as it is stored in Telegram." })
export class FilePartType {
  @Field(() => Int, { description: "Its place, from 0." })
  index: number;

  @Field(() => ByteSize, { name: "size", description: "Bytes of the file in it." })
  sizeBytes: number;

  @Field(() => [PartReplicaType], { description: "Its copies." })
  replicas: PartReplicaType[];
}

export const FilePartConnectionType = connectionType(() => FilePartType, "FilePart", ["part", "parts"]);
