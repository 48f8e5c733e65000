import { createContext, Fragment, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useLocation } from "react-router-dom";

interface Host {
  newKey: () => string;
  /** Nothing takes it away. */
  show: (key: string, node: ReactNode) => void;
}

const HostContext = createContext<Host | undefined>(undefined);

/** Where dialogs are shown that were opened in rows of lists. Those of a page end with it. */
export function LastingHost({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const [shown, setShown] = useState<ReadonlyMap<string, ReactNode>>(new Map());
  const [at, setAt] = useState(pathname);
  if (at !== pathname) {
    setAt(pathname);
    setShown(new Map());
  }
  const count = useRef(0);
  const host = useMemo<Host>(
    () => ({
      newKey: () => String((count.current += 1)),
      show: (key, node) =>
        setShown((before) => {
          const next = new Map(before);
          if (node === undefined) next.delete(key);
          else next.set(key, node);
          return next;
        }),
    }),
    [],
  );
  return (
    <HostContext.Provider value={host}>
      {children}
      {[...shown].map(([key, node]) => (
        <Fragment key={key}>{node}</Fragment>
      ))}
    </HostContext.Provider>
  );
}

interface LastingProps {
  onClose: () => void;
  children: (close: () => void) => ReactNode;
}

/**
 * A dialog that stays until it is closed, whatever becomes of the row that it was opened in: lists are read anew while
 * somebody types. It is closed by what its children are given, and by nothing else.
 */
export function Lasting({ onClose, children }: LastingProps) {
  const host = useContext(HostContext);
  if (!host) throw new Error("Lasting dialogs need the console's layout around them.");
  const [key] = useState(() => host.newKey());
  useEffect(() => {
    const close = () => {
      host.show(key, undefined);
      onClose();
    };
    host.show(key, children(close));
  }, [host, key, onClose, children]);
  return null;
}
