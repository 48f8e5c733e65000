import { useDataProvider, useNotify } from "react-admin";
import { useState } from "react";
import type { FileState } from "../generated/graphql.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import type { FileRow } from "./file.queries.js";
import { followLink } from "./follow-link.js";

const WITHOUT_BYTES: Partial<Record<FileState, string>> = {
  RECEIVING: "The file is still being received.",
  CANCELLED: "The transfer was cancelled, and the bytes with it.",
  LOST: "No copy of this file is left.",
};

/** Saves a file; a refusal is told. @returns why it cannot be saved now, too */
export function useDownload(file: Pick<FileRow, "id" | "name" | "state">) {
  const { downloadUrl } = useDataProvider<ConsoleDataProvider>();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const download = () => {
    setAsking(true);
    downloadUrl(file.id)
      .then((url) => followLink(url, file.name))
      .catch((error: unknown) => notify(messageOf(error), { type: "error" }))
      .finally(() => setAsking(false));
  };
  return { download, asking, whyNot: WITHOUT_BYTES[file.state] };
}
