import { ArchiveButton } from "../archives/archive-button.js";
import { PlaceMenu } from "../places/place-menu.js";
import { DownloadButton } from "./download-button.js";
import type { FileRow } from "./file.queries.js";
import { PreviewButton } from "./preview/preview-button.js";

/** What can be done with one file of a list. */
export function FileActions({ file }: { file: FileRow }) {
  return (
    <>
      <PreviewButton file={file} />
      <DownloadButton file={file} compact />
      <ArchiveButton kind="file" id={file.id} name={file.name} compact />
      <PlaceMenu kind="file" thing={file} />
    </>
  );
}
