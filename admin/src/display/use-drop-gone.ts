import { useDataProvider, useListContext, useNotify } from "react-admin";
import { codeOf } from "../providers/errors.js";

/**
 * After a deed upon all that is selected was refused because some of it is gone, such as purged elsewhere: takes that out of
 * the selection, so that the rest can be tried again, and says so.
 */
export function useDropGone(): (error: unknown) => Promise<void> {
  const { resource, selectedIds, onSelect } = useListContext();
  const provider = useDataProvider();
  const notify = useNotify();
  return async (error) => {
    if (codeOf(error) !== "NOT_FOUND") return;
    const isGone = async (id: unknown) => {
      const found = provider.getOne(resource, { id: String(id) });
      return found.then(
        () => false,
        (reason: unknown) => codeOf(reason) === "NOT_FOUND",
      );
    };
    const gone = await Promise.all(selectedIds.map(isGone));
    const left = selectedIds.filter((_, i) => !gone[i]);
    if (left.length === selectedIds.length) return;
    onSelect(left);
    if (left.length > 0) notify(goneText(selectedIds.length - left.length), { type: "warning" });
  };
}

function goneText(count: number): string {
  const what = count === 1 ? "One of these is" : `${count} of these are`;
  return `Nothing was done: ${what} not there any more. The rest is still selected, try again.`;
}
