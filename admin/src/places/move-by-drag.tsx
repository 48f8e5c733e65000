import { GlobalStyles } from "@mui/material";
import { useNotify, useUnselect } from "react-admin";
import { useEffect, useRef, useState } from "react";
import { ConflictDialog } from "./conflict-dialog.js";
import { draggedFrom, DRAG_TYPE, isPlaceFor, placeAt } from "./dragged.js";
import type { Place } from "./dragged.js";
import { move } from "./place.calls.js";
import type { PlacedKind, PlacedThings } from "./place.calls.js";
import { usePlacing } from "./use-placing.js";

const OVER = "data-drop-here";

/**
 * Files and folders are moved by dragging their names onto a folder, wherever both are shown; what is selected together
 * goes together. Dialogs do the same for who has no mouse.
 */
export function MoveByDrag() {
  const notify = useNotify();
  const unselectFiles = useUnselect("files");
  const unselectFolders = useUnselect("folders");
  const dragged = useRef<PlacedThings>(undefined);
  const target = useRef<Place>(undefined);
  const [held, setHeld] = useState<{ kind: PlacedKind; several: boolean }>({ kind: "file", several: false });
  const { start, decide, reset, isPending, isTaken, failure } = usePlacing({
    place: async (onConflict) => {
      if (dragged.current && target.current) await move(dragged.current, target.current.folderId, onConflict);
    },
    done: "Moved.",
    onDone: () => {
      const { kind, ids = [] } = dragged.current ?? {};
      (kind === "folder" ? unselectFolders : unselectFiles)([...ids], true);
    },
  });
  const begin = useRef(start);
  useEffect(() => {
    begin.current = start;
  });

  useEffect(() => {
    if (failure !== undefined) notify(failure, { type: "error" });
  }, [failure, notify]);

  useEffect(() => {
    const over = (place?: Place) => {
      for (const one of document.querySelectorAll(`[${OVER}]`)) one.removeAttribute(OVER);
      place?.element.setAttribute(OVER, "");
    };
    const onDragStart = (event: DragEvent) => {
      dragged.current = draggedFrom(event.target);
      if (!dragged.current) return;
      event.dataTransfer?.setData(DRAG_TYPE, dragged.current.kind);
      setHeld({ kind: dragged.current.kind, several: dragged.current.ids.length > 1 });
    };
    const onDragOver = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes(DRAG_TYPE)) return;
      const place = placeAt(event.target);
      const isPlace = place !== undefined && isPlaceFor(dragged.current, place);
      if (isPlace) event.preventDefault();
      over(isPlace ? place : undefined);
    };
    const onDrop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes(DRAG_TYPE)) return;
      event.preventDefault();
      target.current = placeAt(event.target);
      if (target.current && isPlaceFor(dragged.current, target.current)) begin.current();
    };
    const onDragEnd = () => over();
    const listeners = [
      ["dragstart", onDragStart],
      ["dragover", onDragOver],
      ["drop", onDrop],
      ["dragend", onDragEnd],
    ] as const;
    for (const [type, listener] of listeners) window.addEventListener(type, listener);
    return () => {
      for (const [type, listener] of listeners) window.removeEventListener(type, listener);
    };
  }, []);

  return (
    <>
      <GlobalStyles
        styles={({ palette }) => ({
          [`[${OVER}]`]: { outline: `2px solid ${palette.primary.main}`, outlineOffset: -2 },
        })}
      />
      {isTaken && <ConflictDialog {...held} pending={isPending} onDecide={decide} onClose={reset} />}
    </>
  );
}
