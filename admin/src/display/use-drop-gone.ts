import { useDataProvider, useListContext } from "react-admin";
import { codeOf } from "../providers/errors.js";

/**
 * After a deed upon all that is selected was refused because some of it is gone, such as purged elsewhere: takes that out of
 * the selection, so that it can be tried again with the rest.
 */
export function useDropGone(): (error: unknown) => Promise<void> {
  const { resource, selectedIds, onSelect } = useListContext();
  const provider = useDataProvider();
  const isGone = (id: unknown): Promise<boolean> =>
    provider.getOne(resource, { id: String(id) }).then(
      () => false,
      (reason: unknown) => codeOf(reason) === "NOT_FOUND",
    );
  return async (error) => {
    if (codeOf(error) !== "NOT_FOUND") return;
    const gone = await Promise.all(selectedIds.map(isGone));
    onSelect(selectedIds.filter((_, i) => !gone[i]));
  };
}
