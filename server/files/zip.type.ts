import { Field, Int, ObjectType } from "type-graphql";
import { ByteSize } from "../kernel/scalars.js";

@ObjectType("ZipLink", { description: "A zip to be downloaded." })
export class ZipLinkType {
  @Field(() => String, {
    description: "An absolute link that needs no header. For this viewer, for 15 minutes.",
  })
  url: string;

  @Field(() => String, { description: "What it is saved as." })
  name: string;

  @Field(() => ByteSize, { description: "Bytes of the zip." })
  size: number;

  @Field(() => Int, { description: "How many files are in it." })
  fileCount: number;

  @Field(() => Int, {
    description: "How many are not, because their bytes are not here yet or not any more.",
  })
  leftOut: number;
}
