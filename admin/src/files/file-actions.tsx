import ArchiveIcon from "@mui/icons-material/ArchiveOutlined";
import DownloadIcon from "@mui/icons-material/Download";
import InfoIcon from "@mui/icons-material/InfoOutlined";
import LinkIcon from "@mui/icons-material/Link";
import VisibilityIcon from "@mui/icons-material/VisibilityOutlined";
import { useRedirect } from "react-admin";
import { useState } from "react";
import { ArchiveButton } from "../archives/archive-button.js";
import { RestoreButton } from "../archives/restore-button.js";
import { useArchiveWithUndo } from "../archives/use-archive.js";
import type { MenuEntry } from "../display/action-menu.js";
import { Lasting } from "../display/lasting.js";
import { PlaceMenu } from "../places/place-menu.js";
import { ShareDialog } from "../shares/share-dialog.js";
import { DownloadButton } from "./download-button.js";
import type { FileRow } from "./file.queries.js";
import { PreviewButton } from "./preview/preview-button.js";
import { PreviewDrawer } from "./preview/preview-drawer.js";
import { useDownload } from "./use-download.js";

/** What can be done with one file of a list. An archived one is out of reach until it is restored. */
export function FileActions({ file }: { file: FileRow }) {
  const { id, name } = file;
  if (file.archivedAt != null) return <RestoreButton kind="file" ids={[id]} what={name} />;
  return (
    <>
      <PreviewButton file={file} />
      <DownloadButton file={file} compact />
      <ArchiveButton kind="file" id={id} name={name} compact />
      <FileMenu file={file} />
    </>
  );
}

/** All of it with words, what the icons beside it do too. */
function FileMenu({ file }: { file: FileRow }) {
  const { id, name } = file;
  const [opened, setOpened] = useState<"preview" | "share">();
  const redirect = useRedirect();
  const { download, whyNot } = useDownload(file);
  const { archive } = useArchiveWithUndo("file", `“${name}”`);
  const before: MenuEntry[] = [
    ...(file.preview.kind === "UNSUPPORTED"
      ? []
      : [{ label: "Preview", icon: <VisibilityIcon />, act: () => setOpened("preview") }]),
    { label: "Details", icon: <InfoIcon />, act: () => redirect("show", "files", id) },
    { label: "Download", icon: <DownloadIcon />, act: download, whyNot },
    { label: "Share…", icon: <LinkIcon />, act: () => setOpened("share") },
  ];
  const after = [{ label: "Archive", icon: <ArchiveIcon />, act: () => archive([id]) }];
  return (
    <>
      <PlaceMenu kind="file" thing={file} {...{ before, after }} />
      {opened !== undefined && (
        <Lasting onClose={() => setOpened(undefined)}>
          {(close) =>
            opened === "preview" ? (
              <PreviewDrawer file={file} open onClose={close} />
            ) : (
              <ShareDialog what={{ fileId: id }} name={name} open onClose={close} />
            )
          }
        </Lasting>
      )}
    </>
  );
}
