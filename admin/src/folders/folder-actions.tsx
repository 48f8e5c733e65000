import { ArchiveButton } from "../archives/archive-button.js";
import { PlaceMenu } from "../places/place-menu.js";
import type { FolderRow } from "./folder.queries.js";

/** What can be done with one folder of a list. */
export function FolderActions({ folder }: { folder: FolderRow }) {
  return (
    <>
      <ArchiveButton kind="folder" id={folder.id} name={folder.name} compact />
      <PlaceMenu kind="folder" thing={folder} />
    </>
  );
}
