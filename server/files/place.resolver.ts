import { Arg, Ctx, Directive, ID, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { FileCopyService } from "./file-copy.service.js";
import type { FilePlaceService } from "./file-place.service.js";
import type { File } from "./file.js";
import { FileType } from "./file.type.js";
import type { FolderCopyService } from "./folder-copy.service.js";
import type { FolderPlaceService } from "./folder-place.service.js";
import type { Folder } from "./folder.js";
import { FolderType } from "./folder.type.js";
import { CreateFolderInput } from "./file.input.js";
import { NameConflictEnum, ON_CONFLICT, ON_FOLDER_CONFLICT } from "./place.input.js";
import type { NameConflict } from "./place.js";

const NAME = { description: "Its new name: no path, at most 255 bytes." };
const INTO = { nullable: true, description: "The folder they go to; null for the top." };

@Resolver()
export class PlaceResolver {
  constructor(
    private readonly files: FilePlaceService,
    private readonly copies: FileCopyService,
    private readonly folders: FolderPlaceService,
    private readonly folderCopies: FolderCopyService,
  ) {}

  @Directive("@auth(requires: FREE)")
  @Mutation(() => FileType, { description: "Gives a file another name." })
  renameFile(
    @Arg("id", () => ID, { description: "The file." }) id: string,
    @Arg("name", () => String, NAME) name: string,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "FAIL", description: ON_CONFLICT })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<File> {
    return this.files.rename(viewer, id, name, onConflict);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FileType], { description: "Moves files into a folder of the same owner." })
  moveFiles(
    @Arg("ids", () => [ID], { description: "At most 1000. One that is missing or foreign refuses all." })
    ids: string[],
    @Arg("folderId", () => ID, INTO) folderId: string | null,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "FAIL", description: ON_CONFLICT })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<File[]> {
    return this.files.move(viewer, ids, folderId ?? undefined, onConflict);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FileType], {
    description:
      "Copies stored files into a folder of the same owner. No bytes are moved; each copy is counted.",
  })
  copyFiles(
    @Arg("ids", () => [ID], { description: "At most 1000. One that is missing or foreign refuses all." })
    ids: string[],
    @Arg("folderId", () => ID, INTO) folderId: string | null,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "RENAME", description: ON_CONFLICT })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<File[]> {
    return this.copies.copy(viewer, ids, folderId ?? undefined, onConflict);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => FolderType, { description: "Makes an empty folder." })
  createFolder(
    @Arg("input", () => CreateFolderInput, { description: "The new folder." }) input: CreateFolderInput,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "RENAME", description: ON_FOLDER_CONFLICT })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder> {
    return this.folders.create(viewer, input, onConflict);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => FolderType, { description: "Gives a folder another name." })
  renameFolder(
    @Arg("id", () => ID, { description: "The folder." }) id: string,
    @Arg("name", () => String, NAME) name: string,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "FAIL", description: ON_FOLDER_CONFLICT })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder> {
    return this.folders.rename(viewer, id, name, onConflict);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FolderType], {
    description: "Moves folders with everything in them; never into themselves.",
  })
  moveFolders(
    @Arg("ids", () => [ID], { description: "At most 100. One that is missing or foreign refuses all." })
    ids: string[],
    @Arg("folderId", () => ID, INTO) folderId: string | null,
    @Arg("onConflict", () => NameConflictEnum, { defaultValue: "FAIL", description: ON_FOLDER_CONFLICT })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder[]> {
    return this.folders.move(viewer, ids, folderId ?? undefined, onConflict);
  }

  @Directive("@auth(requires: FREE)")
  @Mutation(() => [FolderType], {
    description:
      "Copies folders with everything in them; never into themselves. Answers with the new folders, which fill up: " +
      "`copy` says how far each is. Files still on their way to Telegram are copied once they are stored. Archiving a " +
      "copy stops it. No bytes are moved; each file is counted.",
  })
  copyFolders(
    @Arg("ids", () => [ID], { description: "At most 100. One that is missing or foreign refuses all." })
    ids: string[],
    @Arg("folderId", () => ID, INTO) folderId: string | null,
    @Arg("onConflict", () => NameConflictEnum, {
      defaultValue: "RENAME",
      description:
        "What to do when another folder has that name there. REPLACE archives it once all is copied, and only then.",
    })
    onConflict: NameConflict,
    @Ctx() { viewer }: RequestContext,
  ): Promise<Folder[]> {
    return this.folderCopies.copy(viewer, ids, folderId ?? undefined, onConflict);
  }
}
