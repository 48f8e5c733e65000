import { useListContext } from "react-admin";
import { BulkArchiveButton } from "../archives/bulk-archive-button.js";
import { ZipButton } from "./zip-button.js";

/** What can be done with the files that are selected. */
export function FileBulkActions() {
  const { selectedIds } = useListContext();
  return (
    <>
      <ZipButton what={{ ids: selectedIds.map(String) }} />
      <BulkArchiveButton kind="file" />
    </>
  );
}
