import { Arg, Ctx, Directive, ID, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../kernel/context.js";
import type { Links } from "./links.js";
import type { ZipService } from "./zip.service.js";
import { ZipLinkType } from "./zip.type.js";

@Resolver()
export class ZipResolver {
  constructor(
    private readonly zips: ZipService,
    private readonly links: Links,
  ) {}

  @Directive("@auth(requires: FREE)")
  @Mutation(() => ZipLinkType, {
    description:
      "A link to a folder, or to up to 1,000 files, as one zip. The zip is made while it is downloaded.",
  })
  async createZipLink(
    @Arg("folderId", () => ID, { nullable: true, description: "A folder, with all that is in it." })
    folderId: string | null,
    @Arg("ids", () => [ID], { nullable: true, description: "Files instead." }) ids: string[] | null,
    @Ctx() { viewer }: RequestContext,
  ): Promise<ZipLinkType> {
    const what = { folderId: folderId ?? undefined, ids: ids ?? undefined };
    const { zip, use, id } = await this.zips.prepare(viewer, what);
    const { name, sizeBytes: size, fileCount, leftOut } = zip;
    return { url: this.links.to(viewer, use, id), name, size, fileCount, leftOut };
  }
}
