import { useListContext } from "react-admin";
import { EmptyState, NoMatch } from "../display/list-states.js";
import { FileGrid } from "./file-grid.js";
import type { FileRow } from "./file.queries.js";
import { FileTable } from "./file-table.js";
import { useUploadHint } from "../uploads/use-upload-hint.js";
import { isSearch, noFiles } from "./no-files.js";
import type { FileFilters } from "./no-files.js";
import { useFilesView } from "./view-toggle.js";

/** Files of the list or reference around it, as a list or a grid: as the user likes it. */
export function FileView({ withFolder }: { withFolder: boolean }) {
  const [view] = useFilesView();
  const { data = [], isPending } = useListContext<FileRow>();
  if (!isPending && data.length === 0) return <NoFiles />;
  return view === "grid" ? <FileGrid /> : <FileTable withFolder={withFolder} />;
}

function NoFiles() {
  const filter = useListContext().filterValues as FileFilters;
  const hint = useUploadHint();
  if (isSearch(filter)) return <NoMatch text={noFiles(filter)} />;
  return <EmptyState title="No files here yet" text={hint} />;
}
