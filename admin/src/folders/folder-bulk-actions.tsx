import { BulkArchiveButton } from "../archives/bulk-archive-button.js";
import { BulkPlaceButtons } from "../places/bulk-place-buttons.js";

/** What can be done with the folders that are selected. */
export function FolderBulkActions() {
  return (
    <>
      <BulkPlaceButtons kind="folder" />
      <BulkArchiveButton kind="folder" />
    </>
  );
}
