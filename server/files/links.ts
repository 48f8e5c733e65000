import type { LinkTarget, LinkUse } from "../auth/auth.ports.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { unauthenticated } from "../kernel/errors.js";
import { hasBytes } from "./file.js";
import type { File } from "./file.js";
import { inlineTypeOf, isTextual, previewKindOf } from "./preview.js";
import type { PreviewKind } from "./preview.js";
import { hasThumbnail } from "./preview.service.js";

/** Where each use of a link leads. */
const PATHS: Record<LinkUse, (id: string) => string> = {
  save: (id) => `/files/${id}/content`,
  show: (id) => `/files/${id}/content`,
  thumbnail: (id) => `/files/${id}/thumbnail`,
  text: (id) => `/files/${id}/preview`,
  "folder-zip": (id) => `/folders/${id}/zip`,
  "selection-zip": (id) => `/files/zip?selection=${id}`,
};

interface LinkSigner {
  linkToken(viewer: SignedInViewer, target: LinkTarget): string;
}

/** Makes absolute links that carry their viewer's permission, for a single use, and need no header. */
export class Links {
  /** @param addressForNobody where whoever uploaded a file without an account fetches it */
  constructor(
    private readonly signer: LinkSigner,
    private readonly baseUrl: () => string,
    private readonly addressForNobody: (file: File) => Promise<string>,
  ) {}

  /** @throws AppError UNAUTHENTICATED: a link is always somebody's */
  to(viewer: Viewer, use: LinkUse, id: string): string {
    if (viewer.kind !== "user") throw unauthenticated();
    const token = this.signer.linkToken(viewer, { use, id });
    const path = PATHS[use](id);
    return `${this.baseUrl()}${path}${path.includes("?") ? "&" : "?"}token=${token}`;
  }

  /** Where the viewer saves a file's bytes. Without an account that is the share link of what was just uploaded. */
  async download(viewer: Viewer, file: File): Promise<string> {
    return viewer.kind === "user" ? this.to(viewer, "save", file.id) : this.addressForNobody(file);
  }

  /** How a file can be looked at, with the links for it. */
  preview(
    viewer: Viewer,
    file: File,
  ): { kind: PreviewKind; url: string | undefined; thumbnailUrl: string | undefined } {
    const kind = previewKindOf(file);
    const isHere = viewer.kind === "user" && hasBytes(file) && file.archivedAt === undefined;
    const use = isTextual(kind) ? "text" : inlineTypeOf(file.mimeType) === undefined ? undefined : "show";
    return {
      kind,
      url: isHere && use !== undefined ? this.to(viewer, use, file.id) : undefined,
      thumbnailUrl: isHere && hasThumbnail(file) ? this.to(viewer, "thumbnail", file.id) : undefined,
    };
  }
}
