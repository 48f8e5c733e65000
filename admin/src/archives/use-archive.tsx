import { Button } from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCloseNotification, useDataProvider, useNotify } from "react-admin";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
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
      await queries.invalidateQueries();
    },
    onError: (error) => notify(messageOf(error), { type: "error" }),
  });
}

/** @param what what they are called together, at the beginning of a sentence */
export function useArchiveWithUndo(kind: ThingKind, what: string, onDone?: () => void) {
  const notify = useNotify();
  const { mutate: restore } = useArchive("restore", kind, () => notify(`${what} restored.`));
  const { mutate, isPending } = useArchive("archive", kind, (ids) => {
    onDone?.();
    const undo = <UndoButton onClick={() => restore(ids)} />;
    notify(`${what} archived.`, { autoHideDuration: UNDO_SHOWN_MS, action: undo });
  });
  return { archive: mutate, isPending };
}

/** Takes its notification away: what it offers cannot be done twice. */
function UndoButton({ onClick }: { onClick: () => void }) {
  const close = useCloseNotification();
  const undo = () => {
    close();
    onClick();
  };
  return (
    <Button size="small" color="inherit" onClick={undo}>
      Undo
    </Button>
  );
}
