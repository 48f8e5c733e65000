import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { ByteSize, DateTime } from "../kernel/scalars.js";
import { connectionType } from "./connection.type.js";
import { FILE_STATES } from "./file.js";
import type { FileState } from "./file.js";

export const FileStateEnum = Object.fromEntries(FILE_STATES.map((state) => [state, state])) as {
  [S in FileState]: S;
};

registerEnumType(FileStateEnum, {
  name: "FileState",
  description: "How far a file is on its way into Telegram, and whether it is whole there.",
  valuesConfig: {
    RECEIVING: { description: "Its bytes are arriving." },
    STAGED: { description: "Its bytes are here, verified, and wait to be moved." },
    TRANSFERRING: { description: "Its bytes are being moved into Telegram; it can be downloaded meanwhile." },
    STORED: { description: "Every part is in Telegram and was read back." },
    DEGRADED: { description: "A copy is missing or damaged; it is being repaired, and can be downloaded." },
    FAILED: { description: "The move failed; the bytes are kept, and the transfer can be tried again." },
    CANCELLED: { description: "The move was cancelled; no bytes are kept." },
    LOST: { description: "Bytes are gone from every copy." },
  },
});

@ObjectType("File", { description: "A stored file." })
export class FileType {
  @Field(() => ID, { description: "Stays the same for ever." })
  id: string;

  @Field(() => String, { description: "The name, Unicode NFC." })
  name: string;

  @Field(() => ByteSize, { name: "size", description: "Bytes; 0 while they arrive." })
  sizeBytes: number;

  @Field(() => String, { description: "Recognized from the bytes, else as the client declared it." })
  mimeType: string;

  @Field(() => String, {
    nullable: true,
    description: "SHA-256 of the bytes in lower-case hex; from STAGED on.",
  })
  sha256: string | undefined;

  @Field(() => FileStateEnum, { description: "How far it is." })
  state: FileState;

  @Field(() => DateTime, { description: "When the upload began." })
  createdAt: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: "Since when it is archived: hidden, and its bytes out of reach, until it is restored.",
  })
  archivedAt: Date | undefined;

  ownerId: string;
  folderId: string | undefined;
  blobId: string;
  transferId: string | undefined;
}

export const FileConnectionType = connectionType(() => FileType, "File", ["file", "files"]);
