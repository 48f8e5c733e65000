import { useDataProvider, useNotify } from "react-admin";
import { useState } from "react";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { followLink } from "./follow-link.js";

/** A folder, or files. */
export type Zipped = { folderId: string } | { ids: string[] };

/** Saves a folder, or files, as one zip; a refusal, and what is not in it, is told. */
export function useZip(what: Zipped) {
  const { zipLink } = useDataProvider<ConsoleDataProvider>();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const download = () => {
    setAsking(true);
    zipLink(what)
      .then(({ url, name, leftOut }) => {
        followLink(url, name);
        if (leftOut > 0) notify(leftOutText(leftOut), { type: "warning" });
      })
      .catch((error: unknown) => notify(messageOf(error), { type: "error" }))
      .finally(() => setAsking(false));
  };
  return { download, asking };
}

function leftOutText(count: number): string {
  const files = count === 1 ? "One file is" : `${count} files are`;
  return `${files} not in the zip: the bytes are not here yet, or not any more.`;
}
