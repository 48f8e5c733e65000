import { Field, ObjectType, registerEnumType } from "type-graphql";
import { PREVIEW_KINDS } from "./preview.js";
import type { PreviewKind } from "./preview.js";

export const PreviewKindEnum = Object.fromEntries(PREVIEW_KINDS.map((kind) => [kind, kind])) as {
  [K in PreviewKind]: K;
};

registerEnumType(PreviewKindEnum, {
  name: "PreviewKind",
  description: "How a file can be looked at without saving it.",
  valuesConfig: {
    IMAGE: { description: "An image that every browser shows." },
    VIDEO: { description: "A video; players seek in it by range." },
    AUDIO: { description: "A sound; players seek in it by range." },
    PDF: { description: "A PDF document." },
    TEXT: { description: "Plain text; the link gives its beginning as UTF-8." },
    CODE: { description: "Source code, also HTML, XML and SVG; the link gives its beginning as UTF-8 text." },
    MARKDOWN: { description: "Markdown; the link gives its beginning as UTF-8 text." },
    UNSUPPORTED: { description: "It can only be downloaded." },
  },
});

@ObjectType("FilePreview", {
  description: "A file to be looked at. Its links need no header and last 15 minutes.",
})
export class FilePreviewType {
  @Field(() => PreviewKindEnum, { description: "What there is to see." })
  kind: PreviewKind;

  @Field(() => String, {
    nullable: true,
    description:
      "Where it is, to be shown in place: of texts the first 256 KiB as text/plain in UTF-8, of others the whole file. " +
      "None when there is nothing to see, or no bytes.",
  })
  url: string | undefined;

  @Field(() => String, {
    nullable: true,
    description: "The image as WebP, to fit 128 pixels; add `&size=512` or `&size=1024` for a larger one.",
  })
  thumbnailUrl: string | undefined;
}
