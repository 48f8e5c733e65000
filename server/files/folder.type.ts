import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { ERROR_STATUS } from "../kernel/errors.js";
import type { ErrorCode } from "../kernel/errors.js";
import { DateTime } from "../kernel/scalars.js";
import { connectionType } from "./connection.type.js";
import { FOLDER_STATES } from "./folder.js";
import type { FolderState } from "./folder.js";

export const FolderStateEnum = Object.fromEntries(FOLDER_STATES.map((state) => [state, state])) as {
  [S in FolderState]: S;
};

registerEnumType(FolderStateEnum, {
  name: "FolderState",
  description: "How far the files of a folder, and of the folders in it, are.",
  valuesConfig: {
    EMPTY: { description: "It has no files." },
    TRANSFERRING: { description: "Some are still on their way." },
    STORED: { description: "All are stored." },
    PARTIAL: { description: "Some are stored, some failed." },
    FAILED: { description: "All failed." },
  },
});

const CODE_MEANINGS: { [C in ErrorCode]: string } = {
  UNAUTHENTICATED: "Sign in first, or again.",
  SECOND_FACTOR_REQUIRED: "The password is right; send the one-time code too.",
  FORBIDDEN: "Your role does not allow it.",
  NOT_FOUND: "It does not exist, or is not yours to see.",
  BAD_USER_INPUT: "The input is wrong; `extensions.field` says which.",
  CONFLICT: "It cannot be done in the present state.",
  RATE_LIMITED: "Too often; `extensions.retryAfterSeconds` says when to try again.",
  QUOTA_EXCEEDED: "Your account's limits are reached.",
  FILE_TOO_LARGE: "The file is larger than is allowed here.",
  GONE: "It was there, and is not any more.",
  UNAVAILABLE: "Something outside does not answer; try again later.",
  INTERNAL_SERVER_ERROR: "Our fault; the operator finds it by the request id.",
};

const ErrorCodeEnum = Object.fromEntries(Object.keys(ERROR_STATUS).map((code) => [code, code])) as {
  [C in ErrorCode]: C;
};

registerEnumType(ErrorCodeEnum, {
  name: "ErrorCode",
  description: "What `extensions.code` of an error can be, beside GraphQL's own.",
  valuesConfig: Object.fromEntries(
    Object.entries(CODE_MEANINGS).map(([code, description]) => [code, { description }]),
  ),
});

@ObjectType("FailedUpload", { description: "A file of a batch that could not be stored." })
export class FailedUploadType {
  @Field(() => String, { description: "Its relative path, as it was sent." })
  path: string;

  @Field(() => ErrorCodeEnum, { description: "Why." })
  code: string;

  @Field(() => String, { description: "Why, and what to do." })
  message: string;
}

@ObjectType("Folder", { description: "A named set of files and folders. A batch upload makes one." })
export class FolderType {
  @Field(() => ID, { description: "Stays the same for ever." })
  id: string;

  @Field(() => String, { description: "The name, Unicode NFC." })
  name: string;

  @Field(() => DateTime, { description: "When it was made." })
  createdAt: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "Since when it is archived: hidden, and its bytes out of reach, until it is restored.",
  })
  archivedAt: Date | undefined;

  @Field(() => [FailedUploadType], { description: "The files of its batch that could not be stored." })
  failedUploads: FailedUploadType[];

  ownerId: string;
  parentId: string | undefined;
  path: readonly string[];
}

export const FolderConnectionType = connectionType(() => FolderType, "Folder", ["folder", "folders"]);
