import { Field, Int, ObjectType } from "type-graphql";
import { ByteSize } from "../kernel/scalars.js";
import type { DropTerms } from "./drop.service.js";

@ObjectType("AnonymousUploads", { description: "What may be uploaded without an account." })
export class AnonymousUploadsType implements DropTerms {
  @Field(() => Int, { description: "After so many days what was uploaded is out of reach, and purged." })
  days: number;

  @Field(() => ByteSize, { nullable: true, description: "The largest file; null for no limit." })
  fileBytes: number | undefined;

  @Field(() => ByteSize, { nullable: true, description: "Bytes a day from one address; null for no limit." })
  bytesPerDay: number | undefined;

  @Field(() => Int, { nullable: true, description: "Files a day from one address; null for no limit." })
  filesPerDay: number | undefined;
}
