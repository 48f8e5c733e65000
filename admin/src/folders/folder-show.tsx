import { Alert, Box, Card, CardContent, Stack, Typography } from "@mui/material";
import { ReferenceManyField, Show, useRecordContext } from "react-admin";
import { ArchiveButton } from "../archives/archive-button.js";
import { ArchivedNotice } from "../archives/archived-notice.js";
import { CursorPagination } from "../display/cursor-pagination.js";
import { formatFiles } from "../display/format.js";
import { EmptyState, ShowFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { StateChip } from "../display/state-chip.js";
import { FOLDER_STATES } from "../display/tones.js";
import { Size, When } from "../display/values.js";
import { FileView } from "../files/file-view.js";
import { ViewToggle } from "../files/view-toggle.js";
import { ZipButton } from "../files/zip-button.js";
import type { FolderQuery } from "../generated/graphql.js";
import { PlaceMenu } from "../places/place-menu.js";
import { ShareButton } from "../shares/share-button.js";
import { UploadButton } from "../uploads/upload-button.js";
import { FolderBreadcrumbs } from "./breadcrumbs.js";
import { CopyProgress } from "./copy-progress.js";
import { CreateFolderButton } from "./create-folder-button.js";
import type { FolderRow } from "./folder.queries.js";
import { FoldersHere } from "./folders-at-top.js";

// react-admin shows the row of the list until the folder itself has come.
type FolderDetails = FolderRow & Partial<FolderQuery["folder"]> & { path?: FolderQuery["folderPath"] };

export function FolderShow() {
  return (
    <Show title="Folder" error={<ShowFailure />} queryOptions={SHOWN_IN_PLACE} component={Box}>
      <FolderPage />
    </Show>
  );
}

function FolderPage() {
  const folder = useRecordContext<FolderDetails>();
  if (!folder) return null;
  return (
    <Stack sx={{ gap: 2 }}>
      <Stack direction="row" sx={{ gap: 1, justifyContent: "space-between", alignItems: "center" }}>
        <FolderBreadcrumbs folder={folder} />
        <ViewToggle />
      </Stack>
      <ArchivedNotice kind="folder" thing={folder} />
      <FolderHeader folder={folder} />
      {folder.archivedAt == null && <CopyProgress key={folder.id} folderId={folder.id} name={folder.name} />}
      <FailedUploads folder={folder} />
      {folder.archivedAt == null && (
        <>
          <FoldersInside />
          <FilesInside folderId={folder.id} />
        </>
      )}
    </Stack>
  );
}

function FoldersInside() {
  return (
    <ReferenceManyField reference="folders" target="parentId" perPage={25} empty={<></>}>
      <FoldersHere />
    </ReferenceManyField>
  );
}

function FilesInside({ folderId }: { folderId: string }) {
  return (
    <Card component="section" aria-label="Files inside">
      <ReferenceManyField
        reference="files"
        target="folderId"
        perPage={25}
        sort={{ field: "name", order: "ASC" }}
        pagination={<CursorPagination onlyIfNeeded />}
        empty={
          <EmptyState title="No files in this folder" text="Drop files here, or choose them.">
            <UploadButton folderId={folderId} withFolder />
          </EmptyState>
        }
      >
        <FileView withFolder={false} />
      </ReferenceManyField>
    </Card>
  );
}

function FolderHeader({ folder }: { folder: FolderDetails }) {
  return (
    <Card>
      <CardContent>
        <Stack sx={{ gap: 2 }}>
          <Box sx={{ minWidth: 0 }}>
            <Typography variant="h5" component="h2" sx={{ overflowWrap: "anywhere", mb: 0.75 }}>
              {folder.name}
            </Typography>
            <Stack direction="row" sx={{ gap: 1.5, alignItems: "center", flexWrap: "wrap" }}>
              <StateChip {...FOLDER_STATES[folder.state]} />
              <Typography variant="body2" sx={{ color: "text.secondary" }}>
                {formatFiles(folder.fileCount)} · <Size bytes={folder.size} /> · created{" "}
                <When date={folder.createdAt} />
              </Typography>
            </Stack>
          </Box>
          {folder.archivedAt == null && (
            <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
              <UploadButton folderId={folder.id} withFolder />
              <CreateFolderButton parentId={folder.id} />
              <ZipButton what={{ folderId: folder.id }} disabled={folder.fileCount === 0} />
              <ShareButton what={{ folderId: folder.id }} name={folder.name} />
              <ArchiveButton kind="folder" id={folder.id} name={folder.name} />
              <PlaceMenu kind="folder" thing={folder} />
            </Stack>
          )}
        </Stack>
      </CardContent>
    </Card>
  );
}

function FailedUploads({ folder: { failedUploads = [] } }: { folder: FolderDetails }) {
  if (failedUploads.length === 0) return null;
  return (
    <Alert severity="warning">
      {failedUploads.length === 1
        ? "One file did not make it into this folder:"
        : `${failedUploads.length} files did not make it into this folder:`}
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {failedUploads.map(({ path, message }) => (
          <li key={path}>
            <strong>{path}</strong>: {message}
          </li>
        ))}
      </Box>
    </Alert>
  );
}
