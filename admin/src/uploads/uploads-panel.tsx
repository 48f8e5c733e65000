import CloseIcon from "@mui/icons-material/Close";
import ExpandLessIcon from "@mui/icons-material/ExpandLess";
import ExpandMoreIcon from "@mui/icons-material/ExpandMore";
import {
  Box,
  Button,
  Collapse,
  IconButton,
  Link,
  Paper,
  Stack,
  Typography,
  useMediaQuery,
} from "@mui/material";
import type { Theme } from "@mui/material";
import { useCreatePath, useStore } from "react-admin";
import { useSyncExternalStore } from "react";
import { Link as RouterLink } from "react-router-dom";
import { useLive } from "../transfers/live-transfers-provider.js";
import { isSettled } from "../transfers/live-transfers.js";
import type { LiveTransfers } from "../transfers/live-transfers.js";
import type { TransferListRow } from "../transfers/transfer.queries.js";
import { useOwnTransfers } from "../transfers/use-own-transfers.js";
import { TransferRow } from "./transfer-row.js";
import { isUnderWay } from "./upload-queue.js";
import type { Upload } from "./upload-queue.js";
import { UploadRow } from "./upload-row.js";
import { useUploadQueue, useUploads } from "./uploads-provider.js";

/**
 * Both legs of everything that is on its way: out of this browser, and from the server to Telegram. Stays over every
 * page while there is something to show, and comes back after a reload; a sheet at the bottom on a phone.
 */
export function UploadsPanel() {
  const queue = useUploadQueue();
  const uploads = useUploads();
  const { rows, more, dismiss } = useOwnTransfers();
  // On a phone it would cover half of the page before anybody asked for it.
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down("sm"));
  const [open, setOpen] = useStore("transfers.open", !small);
  const transfers = rows.filter((row) => !isOneOf(uploads, row));
  if (uploads.length === 0 && transfers.length === 0) return null;

  const busy = uploads.some(({ state }) => isUnderWay(state));
  const close = () => {
    queue.clearSettled();
    dismiss();
  };
  return (
    <Paper
      component="section"
      aria-label="Transfers"
      elevation={8}
      sx={(theme) => ({
        position: "fixed",
        // Over pages, under what is opened on them.
        zIndex: theme.zIndex.drawer - 1,
        right: { xs: 0, sm: 16 },
        bottom: { xs: 0, sm: 16 },
        width: { xs: "100%", sm: 400 },
        border: `1px solid ${theme.palette.divider}`,
      })}
    >
      <Stack direction="row" sx={{ alignItems: "center", pl: 2, pr: 1, py: 0.5 }}>
        <Heading {...{ uploads, transfers, more }} />
        {uploads.filter(({ state }) => state === "failed").length > 1 && (
          <Button size="small" onClick={() => queue.retryFailed()}>
            Retry all failed
          </Button>
        )}
        <IconButton
          size="small"
          aria-label={open ? "Collapse transfers" : "Expand transfers"}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? <ExpandMoreIcon /> : <ExpandLessIcon />}
        </IconButton>
        {!busy && (
          <IconButton size="small" aria-label="Close transfers" onClick={close}>
            <CloseIcon />
          </IconButton>
        )}
      </Stack>
      <Collapse in={open} unmountOnExit>
        <Box
          component="ul"
          aria-label="On their way"
          sx={{ listStyle: "none", m: 0, p: 0, maxHeight: "40vh", overflowY: "auto" }}
          tabIndex={0}
        >
          {uploads.map((upload) => (
            <UploadRow key={upload.id} upload={upload} />
          ))}
          {transfers.map((transfer) => (
            <TransferRow key={transfer.id} transfer={transfer} />
          ))}
          {more.moving + more.failed > 0 && <MoreTransfers count={more.moving + more.failed} />}
        </Box>
      </Collapse>
    </Paper>
  );
}

/** An upload shows its transfer itself, once it knows its file. Until then the name has to do. */
function isOneOf(uploads: readonly Upload[], { file }: TransferListRow): boolean {
  return uploads.some(
    (upload) =>
      upload.file?.id === file?.id ||
      (upload.source.kind === "file" && isUnderWay(upload.state) && upload.name === file?.name),
  );
}

interface HeadingProps {
  uploads: readonly Upload[];
  transfers: readonly TransferListRow[];
  /** Not among `transfers`. */
  more: { moving: number; failed: number };
}

function Heading(shown: HeadingProps) {
  const live = useLive().transfers;
  const text = useSyncExternalStore(live.subscribe, () => headingText(shown, live));
  return (
    <Typography variant="subtitle2" component="h2" role="status" sx={{ flex: 1 }}>
      {text}
    </Typography>
  );
}

function headingText({ uploads, transfers, more }: HeadingProps, live: LiveTransfers): string {
  const sent = uploads.flatMap(({ file }) =>
    file ? [live.get(file.id)?.state ?? (file.state === "STORED" ? "DONE" : "QUEUED")] : [],
  );
  const states = [...sent, ...transfers.map(({ file, state }) => live.get(file?.id)?.state ?? state)];
  const receiving = uploads.filter(({ state }) => isUnderWay(state)).length;
  const moving = more.moving + states.filter((state) => !isSettled(state)).length;
  const failed =
    more.failed +
    uploads.filter(({ state }) => state === "failed").length +
    states.filter((state) => state === "FAILED").length;
  const all = uploads.length + transfers.length;
  const isHeld = uploads.some(({ state, isUnanswered }) => state === "waiting" && isUnanswered);
  const parts = [
    ...(receiving > 0 ? [`${isHeld ? "Waiting for the connection" : "Uploading"}, ${receiving} to go`] : []),
    ...(moving > 0 ? [`${moving.toLocaleString("en")} on the way to Telegram`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return parts.length > 0 ? parts.join(" · ") : all === 1 ? "1 transfer" : `${all} transfers`;
}

function MoreTransfers({ count }: { count: number }) {
  const createPath = useCreatePath();
  return (
    <Box component="li" sx={{ px: 2, py: 1.25, borderTop: 1, borderColor: "divider" }}>
      <Link component={RouterLink} variant="body2" to={createPath({ resource: "transfers", type: "list" })}>
        {count.toLocaleString("en")} more
      </Link>
    </Box>
  );
}
