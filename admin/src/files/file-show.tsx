import { Box, Card, CardContent, Divider, Stack, Typography } from "@mui/material";
import { Show, useRecordContext } from "react-admin";
import { ArchiveButton } from "../archives/archive-button.js";
import { ArchivedNotice } from "../archives/archived-notice.js";
import { CopyButton } from "../display/copy-button.js";
import { Fact, Facts } from "../display/facts.js";
import { ShowFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ResourceLink } from "../display/resource-link.js";
import { StateChip } from "../display/state-chip.js";
import { FILE_STATES } from "../display/tones.js";
import { Size, When } from "../display/values.js";
import { formatExactBytes } from "../display/format.js";
import { useIsAdmin } from "../layout/use-is-admin.js";
import { PlaceMenu } from "../places/place-menu.js";
import { TransferProgress } from "../transfers/transfer-progress.js";
import { ShareButton } from "../shares/share-button.js";
import { DownloadButton } from "./download-button.js";
import { FilePreview } from "./preview/file-preview.js";
import type { FileQuery } from "../generated/graphql.js";
import type { FileRow } from "./file.queries.js";
import { FileParts } from "./file-parts.js";
import { OwnerLabel } from "./owner-label.js";

// react-admin shows the row of the list until the file itself has come.
type FileSoFar = FileRow & Partial<FileQuery["file"]>;

export function FileShow() {
  return (
    <Show
      title="File"
      error={<ShowFailure />}
      queryOptions={SHOWN_IN_PLACE}
      component={Box}
      sx={{ maxWidth: 880 }}
    >
      <FilePage />
    </Show>
  );
}

function FilePage() {
  const file = useRecordContext<FileSoFar>();
  const isAdmin = useIsAdmin();
  if (!file) return null;
  return (
    <Stack sx={{ gap: 2 }}>
      <Card>
        <FileDetails file={file} />
      </Card>
      {isAdmin && <FileParts fileId={file.id} />}
    </Stack>
  );
}

function FileDetails({ file }: { file: FileSoFar }) {
  const isArchived = file.archivedAt != null;
  return (
    <CardContent>
      <ArchivedNotice kind="file" thing={file} />
      <Stack
        direction={{ xs: "column", sm: "row" }}
        sx={{ gap: 2, alignItems: { sm: "center" }, justifyContent: "space-between" }}
      >
        <Box sx={{ minWidth: 0 }}>
          <Typography variant="h5" component="h2" sx={{ overflowWrap: "anywhere", mb: 0.75 }}>
            {file.name}
          </Typography>
          <StateChip {...FILE_STATES[file.state]} />
        </Box>
        {!isArchived && (
          <Stack direction="row" sx={{ flexShrink: 0, gap: 1, alignItems: "center", flexWrap: "wrap" }}>
            <DownloadButton file={file} />
            <ShareButton what={{ fileId: file.id }} name={file.name} />
            <ArchiveButton kind="file" id={file.id} name={file.name} />
            <PlaceMenu kind="file" thing={file} />
          </Stack>
        )}
      </Stack>
      <Divider sx={{ my: 2.5 }} />
      {!isArchived && (
        <Box component="section" role="region" aria-label="Preview" sx={{ mb: 2.5 }}>
          <FilePreview file={file} />
        </Box>
      )}
      <FileFacts file={file} />
      {file.transfer && (
        <>
          <Divider sx={{ my: 2.5 }} />
          <Typography variant="h6" component="h3" sx={{ mb: 1 }}>
            Transfer to Telegram
          </Typography>
          <TransferProgress
            fileId={file.id}
            fileName={file.name}
            transferId={file.transfer.id}
            record={file.transfer}
            showState
            withWords
          />
        </>
      )}
    </CardContent>
  );
}

function FileFacts({ file }: { file: FileRow }) {
  const isAdmin = useIsAdmin();
  return (
    <Facts>
      <Fact name="Size">
        <Size bytes={file.size} />{" "}
        <Typography component="span" variant="body2" sx={{ color: "text.secondary" }}>
          ({formatExactBytes(file.size)})
        </Typography>
      </Fact>
      <Fact name="Type">{file.mimeType}</Fact>
      <Fact name="SHA-256">
        {file.sha256 ? (
          <>
            <Box component="code" sx={{ fontSize: "0.82rem" }}>
              {file.sha256}
            </Box>
            <CopyButton text={file.sha256} label="Copy SHA-256" />
          </>
        ) : (
          "Known when the file has been received"
        )}
      </Fact>
      <Fact name="Created">
        <When date={file.createdAt} />
      </Fact>
      {file.folder && (
        <Fact name="Folder">
          <ResourceLink resource="folders" id={file.folder.id}>
            {file.folder.name}
          </ResourceLink>
        </Fact>
      )}
      {file.owner && (
        <Fact name="Owner">{isAdmin ? <OwnerLabel owner={file.owner} /> : file.owner.username}</Fact>
      )}
      {file.transfer && file.transfer.attempt > 1 && <Fact name="Attempt">{file.transfer.attempt}</Fact>}
    </Facts>
  );
}
