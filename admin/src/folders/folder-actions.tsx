import ArchiveIcon from "@mui/icons-material/ArchiveOutlined";
import FolderOpenIcon from "@mui/icons-material/FolderOpenOutlined";
import FolderZipIcon from "@mui/icons-material/FolderZipOutlined";
import LinkIcon from "@mui/icons-material/Link";
import { useRedirect } from "react-admin";
import { useState } from "react";
import { ArchiveButton } from "../archives/archive-button.js";
import { useArchiveWithUndo } from "../archives/use-archive.js";
import type { MenuEntry } from "../display/action-menu.js";
import { Lasting } from "../display/lasting.js";
import { useZip } from "../files/use-zip.js";
import { PlaceMenu } from "../places/place-menu.js";
import { ShareDialog } from "../shares/share-dialog.js";
import type { FolderRow } from "./folder.queries.js";

/** What can be done with one folder of a list. */
export function FolderActions({ folder }: { folder: FolderRow }) {
  return (
    <>
      <ArchiveButton kind="folder" id={folder.id} name={folder.name} compact />
      <FolderMenu folder={folder} />
    </>
  );
}

function FolderMenu({ folder }: { folder: FolderRow }) {
  const { id, name, fileCount } = folder;
  const [isSharing, setSharing] = useState(false);
  const redirect = useRedirect();
  const { download } = useZip({ folderId: id });
  const { archive } = useArchiveWithUndo("folder", `“${name}”`);
  const whyNoZip = fileCount === 0 ? "The folder is empty." : undefined;
  const before: MenuEntry[] = [
    { label: "Open", icon: <FolderOpenIcon />, act: () => redirect("show", "folders", id) },
    { label: "Download as zip", icon: <FolderZipIcon />, act: download, whyNot: whyNoZip },
    { label: "Share…", icon: <LinkIcon />, act: () => setSharing(true) },
  ];
  const after = [{ label: "Archive", icon: <ArchiveIcon />, act: () => archive([id]) }];
  return (
    <>
      <PlaceMenu kind="folder" thing={folder} {...{ before, after }} />
      {isSharing && (
        <Lasting onClose={() => setSharing(false)}>
          {(close) => <ShareDialog what={{ folderId: id }} name={name} open onClose={close} />}
        </Lasting>
      )}
    </>
  );
}
