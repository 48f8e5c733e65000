import { Field, Int, ObjectType } from "type-graphql";
import { PageInfoType } from "../files/connection.type.js";
import { ByteSize, DateTime } from "../kernel/scalars.js";

@ObjectType("PartReplica", { description: "One copy of a part: a message in a chat." })
export class PartReplicaType {
  @Field(() => String, { description: "The chat's number." })
  chat: string;

  @Field(() => Int, { description: "The message's number in it." })
  messageId: number;

  @Field(() => String, { description: "The number of the bot that posted it." })
  bot: string;

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

@ObjectType("FilePartEdge", { description: "A part in a list." })
export class FilePartEdgeType {
  @Field(() => String, { description: "Its place in this list." })
  cursor: string;

  @Field(() => FilePartType, { description: "The part." })
  node: FilePartType;
}

@ObjectType("FilePartConnection", { description: "A page of a file's parts." })
export class FilePartConnectionType {
  @Field(() => [FilePartEdgeType], { description: "The parts with their cursors." })
  edges: FilePartEdgeType[];

  @Field(() => [FilePartType], { description: "The parts." })
  nodes: FilePartType[];

  @Field(() => PageInfoType, { description: "Where the page lies." })
  pageInfo: PageInfoType;

  @Field(() => Int, { description: "How many the whole list has. Counted only when asked for." })
  totalCount: Promise<number>;
}
