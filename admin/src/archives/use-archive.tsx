import { Button } from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCloseNotification, useDataProvider, useNotify } from "react-admin";
import { useRef } from "react";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageAbout } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";
import type { ThingKind } from "./archive.queries.js";

type Deed = "archive" | "restore" | "purge";

const UNDO_SHOWN_MS = 8_000;

/** Does it to things and shows what changed; a failure is told. @param heirId who gets the files of users that are purged */
export function useArchive(
  deed: Deed,
  kind: ThingKind,
  onDone: (ids: readonly string[]) => void,
  heirId?: string,
) {
  const provider = useDataProvider<ConsoleDataProvider>();
  const queries = useQueryClient();
  const notify = useNotify();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      if (deed === "purge") await provider.purge(kind, ids, heirId);
      else await provider[deed](kind, ids);
      onDone(ids);
      // Here and not in a callback of the component: its row may be gone by then.
      await readAllAgain(queries);
    },
    onError: (error, ids) => notify(messageAbout(ids.length, error), { type: "error" }),
  });
}

/** @param what what they are called together, at the beginning of a sentence */
export function useArchiveWithUndo(
  kind: ThingKind,
  what: string,
  onDone?: () => void,
  onRefused?: (error: unknown) => Promise<void>,
) {
  const notify = useNotify();
  const { mutate: restore } = useArchive("restore", kind, () => notify(`${what} restored.`));
  const byKeyboard = useRef(false);
  const { mutate, isPending } = useArchive("archive", kind, (ids) => {
    onDone?.();
    const undo = <UndoButton autoFocus={byKeyboard.current} onClick={() => restore(ids)} />;
    notify(`${what} archived.`, { autoHideDuration: UNDO_SHOWN_MS, action: undo });
  });
  const archive = (ids: readonly string[]) => {
    byKeyboard.current = document.activeElement?.matches(":focus-visible") ?? false;
    mutate(ids, { onError: (error) => void onRefused?.(error) });
  };
  return { archive, isPending };
}

interface UndoButtonProps {
  /** Who has no mouse would not get here in the time that it is shown; focused, it stays. */
  autoFocus: boolean;
  onClick: () => void;
}

/** Takes its notification away: what it offers cannot be done twice. */
function UndoButton({ autoFocus, onClick }: UndoButtonProps) {
  const close = useCloseNotification();
  const undo = () => {
    close();
    onClick();
  };
  return (
    <Button size="small" color="inherit" autoFocus={autoFocus} onClick={undo}>
      Undo
    </Button>
  );
}
