import ContentCopyIcon from "@mui/icons-material/ContentCopy";
import DriveFileMoveIcon from "@mui/icons-material/DriveFileMoveOutlined";
import EditIcon from "@mui/icons-material/EditOutlined";
import { useGetIdentity } from "react-admin";
import { useState } from "react";
import { ActionMenu } from "../display/action-menu.js";
import type { MenuEntry } from "../display/action-menu.js";
import { Lasting } from "../display/lasting.js";
import type { PlacedKind } from "./place.calls.js";
import { RelocateDialog } from "./relocate-dialog.js";
import { RenameDialog } from "./rename-dialog.js";

interface PlaceMenuProps {
  kind: PlacedKind;
  thing: { id: string; name: string; owner?: { id: string } | null };
  /** What else can be done with it, around what is about its name and place. */
  before?: readonly MenuEntry[];
  after?: readonly MenuEntry[];
}

type Choice = "rename" | "move" | "copy";

/** What can be done about a thing's name and place. Only the owner has folders to move it to. */
export function PlaceMenu({ kind, thing, before = [], after = [] }: PlaceMenuProps) {
  const { id, name, owner } = thing;
  const { identity } = useGetIdentity();
  const [chosen, setChosen] = useState<Choice>();
  const done = () => setChosen(undefined);
  const entries: MenuEntry[] = [
    { label: "Rename", icon: <EditIcon />, act: () => setChosen("rename") },
    ...(owner?.id === identity?.id
      ? [
          { label: "Move to…", icon: <DriveFileMoveIcon />, act: () => setChosen("move") },
          { label: "Copy to…", icon: <ContentCopyIcon />, act: () => setChosen("copy") },
        ]
      : []),
  ];
  return (
    <span onClick={(event) => event.stopPropagation()}>
      <ActionMenu name={name} entries={[...before, ...entries, ...after]} />
      {chosen !== undefined && (
        <Lasting onClose={done}>
          {(close) =>
            chosen === "rename" ? (
              <RenameDialog {...{ kind, id, name }} onClose={close} />
            ) : (
              <RelocateDialog deed={chosen} things={{ kind, ids: [id], what: `“${name}”` }} onClose={close} />
            )
          }
        </Lasting>
      )}
    </span>
  );
}
