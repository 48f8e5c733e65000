import { Button } from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useDataProvider, useNotify } from "react-admin";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import type { ShareRow } from "./share.queries.js";

/** Ends a link at once. One that is over has no button. */
export function RevokeShareButton({ share }: { share: ShareRow }) {
  const { revokeShare } = useDataProvider<ConsoleDataProvider>();
  const queries = useQueryClient();
  const notify = useNotify();
  const { mutate, isPending } = useMutation({
    mutationFn: () => revokeShare(share.id),
    onSuccess: async () => {
      notify("Link revoked", { type: "success" });
      await queries.invalidateQueries({ queryKey: ["shares"] });
    },
    onError: (error) => notify(messageOf(error), { type: "error" }),
  });
  if (share.state === "REVOKED" || share.state === "EXPIRED") return null;
  const name = share.file?.name ?? share.folder?.name ?? "what is gone";
  return (
    <Button
      size="small"
      color="error"
      loading={isPending}
      aria-label={`Revoke the link to ${name}`}
      onClick={() => mutate()}
    >
      Revoke
    </Button>
  );
}
