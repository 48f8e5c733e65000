import DeleteForeverIcon from "@mui/icons-material/DeleteForeverOutlined";
import {
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogContentText,
  DialogTitle,
  TextField,
} from "@mui/material";
import { useId, useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { useNotify } from "react-admin";
import { Lasting } from "../display/lasting.js";
import type { ThingKind } from "./archive.queries.js";
import { FilesOfPurged } from "./files-of-purged.js";
import type { Heir } from "./files-of-purged.js";
import { useArchive } from "./use-archive.js";

interface PurgeButtonProps {
  kind: ThingKind;
  ids: readonly string[];
  /** What has to be typed: the name of one thing, the number of several. */
  proof: string;
  onDone?: () => void;
}

/** Removes archived things for good, once their name or number was typed. */
export function PurgeButton({ kind, ids, proof, onDone }: PurgeButtonProps) {
  const [open, setOpen] = useState(false);
  const Dialogue = kind === "user" ? PurgeUsersDialog : PurgeDialog;
  const what = ids.length === 1 ? `“${proof}”` : `${ids.length} ${kind}s`;
  return (
    <>
      <Button
        size="small"
        color="error"
        startIcon={<DeleteForeverIcon />}
        aria-label={`Purge ${what}`}
        onClick={() => setOpen(true)}
      >
        Purge
      </Button>
      {open && (
        <Lasting onClose={() => setOpen(false)}>
          {(close) => <Dialogue {...{ kind, ids, proof, what }} onClose={close} onDone={onDone ?? ignore} />}
        </Lasting>
      )}
    </>
  );
}

interface PurgeDialogProps extends Required<PurgeButtonProps> {
  what: string;
  onClose: () => void;
}

/** Users leave files behind: these go with them, or to somebody else. */
function PurgeUsersDialog(props: PurgeDialogProps) {
  const [heir, setHeir] = useState<Heir>();
  const whose = props.ids.length === 1 ? "The account goes" : "The accounts go";
  return (
    <PurgeDialog
      {...props}
      text={
        heir === undefined
          ? `${whose}, with all files and folders and every copy of these in Telegram.`
          : `${whose}; all files and folders belong to ${heir?.username ?? "whom you choose"} from then on, and links to them end.`
      }
      heirId={heir?.id}
      isComplete={heir !== null}
    >
      <FilesOfPurged ids={props.ids} heir={heir} onChoose={setHeir} />
    </PurgeDialog>
  );
}

interface PurgeDialogParts {
  text?: string;
  /** What is to be decided before. */
  children?: ReactNode;
  isComplete?: boolean;
  heirId?: string | undefined;
}

function PurgeDialog(props: PurgeDialogProps & PurgeDialogParts) {
  const { kind, ids, proof, what, onClose, onDone } = props;
  const { text = "Every copy in Telegram is removed.", children, isComplete = true, heirId } = props;
  const [typed, setTyped] = useState("");
  const title = useId();
  const notify = useNotify();
  const done = () => {
    notify(`${what} is being removed for good.`);
    onClose();
    onDone();
  };
  const { mutate, isPending } = useArchive("purge", kind, done, heirId);
  const isSure = typed === proof && isComplete;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isSure) mutate(ids);
  };
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="xs">
      <form onSubmit={submit}>
        <DialogTitle id={title} sx={{ overflowWrap: "anywhere" }}>
          Purge {what}?
        </DialogTitle>
        <DialogContent>
          {children}
          <DialogContentText sx={{ mb: 2, overflowWrap: "anywhere" }}>
            {text} This cannot be undone. Type <strong>{proof}</strong> to go on.
          </DialogContentText>
          <TextField
            autoFocus
            fullWidth
            size="small"
            label={ids.length === 1 ? "Name" : "Number"}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Keep</Button>
          <Button type="submit" color="error" variant="contained" disabled={!isSure} loading={isPending}>
            Purge
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function ignore(): void {
  // Nobody waits for it.
}
