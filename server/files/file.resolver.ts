import type { ReadStream } from "node:fs";
import { GraphQLUpload } from "graphql-upload-minimal";
import type { FileUpload } from "graphql-upload-minimal";
import { Arg, Args, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import type { AccountStore } from "../auth/auth.ports.js";
import type { User } from "../auth/user.js";
import { UserType } from "../auth/user.type.js";
import type { RequestContext } from "../kernel/context.js";
import { perRequest } from "../kernel/loading.js";
import { PageArgs, toConnection, toPageRequest } from "./connection.type.js";
import type { Connection } from "./connection.type.js";
import type { File } from "./file.js";
import { FileOrderInput, FileWhereInput, toFileFilter, toFileOrder } from "./file.input.js";
import type { FileService } from "./file.service.js";
import { FileConnectionType, FileType } from "./file.type.js";
import type { FolderStore } from "./files.ports.js";
import { FolderType } from "./folder.type.js";
import type { Folder } from "./folder.js";
import type { Links } from "./links.js";
import { NameConflictEnum, ON_CONFLICT } from "./place.input.js";
import type { NameConflict } from "./place.js";
import { FilePreviewType } from "./preview.type.js";
import type { DropService } from "./drop.service.js";

@Resolver(() => FileType)
export class FileResolver {
  private readonly ownerOf: (context: RequestContext, id: string) => Promise<User | undefined>;
  private readonly folderOf: (context: RequestContext, id: string) => Promise<Folder | undefined>;

  constructor(
    private readonly files: FileService,
    private readonly uploads: DropService,
    private readonly links: Links,
    accounts: Pick<AccountStore, "findMany">,
    folders: Pick<FolderStore, "findMany">,
  ) {
    this.ownerOf = perRequest((ids) => accounts.findMany(ids));
    this.folderOf = perRequest((ids) => folders.findMany(ids));
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FileType, { description: "One file of the viewer; administrators see everybody's." })
  file(
    @Arg("id", () => ID, { description: "The file's id." }) id: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<File> {
    return this.files.get(viewer, id);
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FileConnectionType, {
    name: "files",
    description: "The viewer's files, newest first unless told; administrators see everybody's.",
  })
  async listFiles(
    @Arg("where", () => FileWhereInput, { nullable: true, description: "Which files." })
    where: FileWhereInput | null,
    @Arg("orderBy", () => FileOrderInput, { nullable: true, description: "Sorted how." })
    orderBy: FileOrderInput | null,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Connection<File>> {
    const filter = toFileFilter(where);
    const found = await this.files.list(viewer, filter, toFileOrder(orderBy), toPageRequest(page));
    return toConnection(found, () => this.files.count(viewer, filter));
  }

  @Directive("@auth(requires: FREE)")
  @Query(() => FileType, {
    nullable: true,
    description: "What an upload of the viewer made whose answer was lost; null when it made nothing yet.",
  })
  async uploadedFile(
    @Arg("uploadKey", () => String, { description: "As it was sent with uploadFile." }) uploadKey: string,
    @Ctx() { viewer }: RequestContext,
  ): Promise<File | null> {
    return (await this.uploads.uploaded(viewer, uploadKey)) ?? null;
  }

  @Mutation(() => FileType, {
    description:
      "Stores a file. Answers once its bytes are staged and verified. Without an account, where that is allowed, the " +
      "file's shareLink is the only key to it, and expiresAt is its end.",
  })
  async uploadFile(
    @Arg("file", () => GraphQLUpload, { description: "The bytes." }) file: Promise<FileUpload>,
    @Arg("name", () => String, {
      nullable: true,
      description: "The name to keep it under; the multipart file name loses quotes and paths.",
    })
    name: string | null,
    @Arg("folderId", () => ID, { nullable: true, description: "The folder to put it in." })
    folderId: string | null,
    @Arg("sha256", () => String, {
      nullable: true,
      description: "Refuse the file if its SHA-256 (hex) differs.",
    })
    sha256: string | null,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "RENAME", description: ON_CONFLICT })
    onConflict: NameConflict,
    @Arg("uploadKey", () => String, {
      nullable: true,
      description:
        "Made up by the client for this upload, 16 to 64 letters and digits. Sent again when no answer came, it is stored " +
        "once: the answer is the file that is there, or an earlier try that is still under way is given up for this one.",
    })
    uploadKey: string | null,
    @Ctx() { viewer, signal, bodyBytes }: RequestContext,
  ): Promise<File> {
    const upload = await file;
    const request = {
      name: name ?? upload.filename,
      mimeType: upload.mimetype,
      folderId: folderId ?? undefined,
      sha256: sha256 ?? undefined,
      mostBytes: bodyBytes,
      onConflict,
      uploadKey: uploadKey ?? undefined,
    };
    return this.uploads.receive(viewer, request, streamOf(upload), signal);
  }

  @Mutation(() => FolderType, {
    description:
      "Stores several files into a new folder, or goes on with one. A file that fails does so alone: see " +
      "Folder.failedUploads. Without an account as for uploadFile.",
  })
  uploadFiles(
    @Arg("files", () => [GraphQLUpload], { description: "The bytes of each." }) files: Promise<FileUpload>[],
    @Arg("paths", () => [String], {
      nullable: true,
      description: "The relative path of each file, such as `trip/day 1/a.jpg`; its folders are made.",
    })
    paths: string[] | null,
    @Arg("folderName", () => String, {
      description: "The new folder's name; where another folder has it, the new one gets a number.",
    })
    folderName: string,
    @Arg("parentId", () => ID, { nullable: true, description: "The folder it is made in; null for the top." })
    parentId: string | null,
    @Arg("folderId", () => ID, {
      nullable: true,
      description:
        "A folder to go on with instead of a new one, such as that of an upload that broke off. The folders of the " +
        "paths that are there are used; send only the files that are not there: others get numbers.",
    })
    folderId: string | null,
    @Ctx() { viewer, signal, bodyBytes }: RequestContext,
  ): Promise<Folder> {
    const items = files.map((file, i) => {
      const path = paths?.[i];
      const item = file.then((upload) => ({
        path: path ?? upload.filename,
        mimeType: upload.mimetype,
        open: () => streamOf(upload),
      }));
      return { path, item };
    });
    const where = { parentId: parentId ?? undefined, folderId: folderId ?? undefined };
    const request = { folderName, ...where, mostBytes: bodyBytes };
    return this.uploads.receiveBatch(viewer, request, items, signal);
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: "Whose it is; nobody's when it came without an account.",
  })
  owner(@Root() file: File, @Ctx() context: RequestContext): Promise<User | undefined> {
    return this.ownerOf(context, file.ownerId);
  }

  @FieldResolver(() => FolderType, { nullable: true, description: "The folder it lies in; none at the top." })
  async folder(@Root() file: File, @Ctx() context: RequestContext): Promise<Folder | undefined> {
    return file.folderId === undefined ? undefined : this.folderOf(context, file.folderId);
  }

  @FieldResolver(() => String, {
    description:
      "An absolute link to the bytes that needs no header. For this viewer, for 15 minutes; through the share link for " +
      "whoever has just uploaded it without an account.",
  })
  downloadUrl(@Root() file: File, @Ctx() { viewer }: RequestContext): Promise<string> {
    return this.links.download(viewer, file);
  }

  @FieldResolver(() => FilePreviewType, { description: "How to look at it without saving it." })
  preview(@Root() file: File, @Ctx() { viewer }: RequestContext): FilePreviewType {
    return this.links.preview(viewer, file);
  }
}

function streamOf(upload: FileUpload): ReadStream {
  return upload.createReadStream();
}
