import { Field, ID, InputType, registerEnumType } from "type-graphql";
import { RoleEnum } from "../auth/user.type.js";
import type { Role } from "../kernel/context.js";
import { badInput } from "../kernel/errors.js";
import { DateTime } from "../kernel/scalars.js";
import { FileStateEnum } from "./file.type.js";
import type { FileState } from "./file.js";
import type { FileFilter, FileOrder, FileOrderField } from "./files.ports.js";

const FileOrderFieldEnum = {
  NAME: "NAME",
  SIZE: "SIZE",
  CREATED_AT: "CREATED_AT",
  STATE: "STATE",
} as const satisfies { [F in FileOrderField]: F };

registerEnumType(FileOrderFieldEnum, {
  name: "FileOrderField",
  description: "What a list of files can be sorted by.",
  valuesConfig: {
    NAME: { description: "By name, without regard to case." },
    SIZE: { description: "By size." },
    CREATED_AT: { description: "By upload time." },
    STATE: { description: "By state, alphabetically; within each by upload time." },
  },
});

export type Direction = "ASC" | "DESC";
export const DirectionEnum = { ASC: "ASC", DESC: "DESC" } as const satisfies { [D in Direction]: D };

registerEnumType(DirectionEnum, {
  name: "Direction",
  description: "Which way a list is sorted.",
  valuesConfig: { ASC: { description: "Smallest first." }, DESC: { description: "Largest first." } },
});

@InputType("FileWhere", { description: "Which files; all conditions hold at once." })
export class FileWhereInput {
  @Field(() => String, {
    nullable: true,
    description:
      "What words of the name begin with, in any order, without regard to case and accents: `rep 20` finds `2024 " +
      "Report.pdf`. All of them have to be there. A search without a letter or digit finds what the name begins with. " +
      "Administrators who search everybody's files also find: those of users whose user name or e-mail address matches " +
      "like in `users(where: { search })`, all that is in folders whose name matches, the file or folder with exactly " +
      "this id or share link, and what matching users archived. More than 100 matching users, or folders, " +
      "are too many to mean: then only those count that are called exactly so.",
  })
  search?: string | null;

  @Field(() => [FileStateEnum], { nullable: true, description: "One of these states." })
  state?: FileState[] | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: "Only archived files, or only those that are not; null for both.",
  })
  archived?: boolean | null;

  @Field(() => ID, { nullable: true, description: "Directly in this folder." })
  folderId?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Only those that lie in no folder." })
  atTop?: boolean | null;

  @Field(() => ID, { nullable: true, description: "This user's files; for administrators, or one's own id." })
  ownerId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Only files that came without an account, or only those that have an owner.",
  })
  anonymous?: boolean | null;

  @Field(() => RoleEnum, {
    nullable: true,
    description: "Only files whose owner has this role; a changed role counts after a few seconds.",
  })
  ownerRole?: Role | null;

  @Field(() => ID, {
    nullable: true,
    description: "Only archived files that this account archived; for administrators, or one's own id.",
  })
  archivedById?: string | null;

  @Field(() => DateTime, { nullable: true, description: "Uploaded at or after this time." })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Uploaded before this time." })
  createdBefore?: Date | null;
}

@InputType("FileOrder", { description: "How a list of files is sorted." })
export class FileOrderInput {
  @Field(() => FileOrderFieldEnum, { description: "By what." })
  field: FileOrderField;

  @Field(() => DirectionEnum, { description: "Which way." })
  direction: Direction;
}

@InputType("CreateFolderInput", { description: "A new folder." })
export class CreateFolderInput {
  @Field(() => String, { description: "Its name." })
  name: string;

  @Field(() => ID, { nullable: true, description: "The folder it lies in; absent for the top." })
  parentId?: string | null;
}

const MOST_SEARCHED = 255;
const UNLESS_TOLD: FileWhereInput = { archived: false };

/** @throws AppError BAD_USER_INPUT for a search that no name can satisfy */
export function toFileFilter(where: FileWhereInput | null | undefined): FileFilter {
  const { archived, search, state, folderId, atTop, ownerId, anonymous, ...rest } = where ?? UNLESS_TOLD;
  const { ownerRole, archivedById, createdAfter, createdBefore } = rest;
  if (search != null && search.length > MOST_SEARCHED) {
    throw badInput(
      `No name is longer than ${MOST_SEARCHED} characters: search for fewer.`,
      "where",
      "search",
    );
  }
  return {
    ...(archivedById == null ? (archived == null ? {} : { archived }) : { archived: true, archivedById }),
    ...(ownerRole == null ? {} : { ownerRole }),
    ...(search == null ? {} : { search }),
    ...(state == null ? {} : { states: state }),
    ...(folderId == null ? {} : { folderId }),
    ...(atTop === true ? { atTop } : {}),
    ...(ownerId == null ? {} : { ownerId }),
    ...(anonymous == null ? {} : { anonymous }),
    ...(createdAfter == null ? {} : { createdAfter }),
    ...(createdBefore == null ? {} : { createdBefore }),
  };
}

/** Newest first unless told. */
export function toFileOrder(order: FileOrderInput | null | undefined): FileOrder {
  return { field: order?.field ?? "CREATED_AT", descending: (order?.direction ?? "DESC") === "DESC" };
}
