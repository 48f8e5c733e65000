import { useListContext } from "react-admin";
import { BulkArchiveButton } from "../archives/bulk-archive-button.js";
import { BulkPlaceButtons } from "../places/bulk-place-buttons.js";
import { ZipButton } from "./zip-button.js";

/** What can be done with the files that are selected. */
export function FileBulkActions() {
  const { selectedIds } = useListContext();
  return (
    <>
      <ZipButton plain what={{ ids: selectedIds.map(String) }} />
      <BulkPlaceButtons kind="file" />
      <BulkArchiveButton kind="file" />
    </>
  );
}
