import { Button, List, ListItem, ListItemText, Typography } from "@mui/material";
import { useGetManyReference } from "react-admin";
import { useState } from "react";
import { Size, When } from "../display/values.js";
import type { ShareAction } from "../generated/graphql.js";
import { messageOf } from "../providers/errors.js";
import type { ShareAccessRow } from "./share.queries.js";

const ACTIONS: Record<ShareAction, string> = {
  OPENED: "Looked at the page",
  UNLOCKED: "Gave the password",
  WRONG_PASSWORD: "Gave a wrong password",
  FILE: "Downloaded",
  ZIP: "Downloaded the zip",
};

const PER_PAGE = 10;

/** Who used a link, newest first, a page at a time. */
export function ShareAccesses({ id }: { id: string }) {
  const [page, setPage] = useState(1);
  const { data, total, error, pageInfo } = useGetManyReference<ShareAccessRow>("share-accesses", {
    ...{ target: "linkId", id },
    pagination: { page, perPage: PER_PAGE },
    sort: { field: "at", order: "DESC" },
  });
  if (error) return <Typography role="alert">{messageOf(error)}</Typography>;
  if (data === undefined) return <Typography variant="body2">Loading…</Typography>;
  if (total === 0) return <Typography variant="body2">Nobody so far.</Typography>;
  return (
    <>
      <List dense disablePadding aria-label="Who used it">
        {data.map((access) => (
          <Access key={access.id} access={access} />
        ))}
      </List>
      {page > 1 && (
        <Button size="small" onClick={() => setPage(page - 1)}>
          Newer
        </Button>
      )}
      {pageInfo?.hasNextPage && (
        <Button size="small" onClick={() => setPage(page + 1)}>
          Older
        </Button>
      )}
    </>
  );
}

function Access({ access }: { access: ShareAccessRow }) {
  const { action, name, times, bytes, address, lastAt } = access;
  return (
    <ListItem disableGutters>
      <ListItemText
        disableTypography
        primary={
          <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
            {ACTIONS[action]}
            {name && <> {name}</>}
            {times > 1 && ` · ${times} times`}
            {bytes > 0 && (
              <>
                {" "}
                · <Size bytes={bytes} />
              </>
            )}
          </Typography>
        }
        secondary={
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {address} · <When date={lastAt} />
          </Typography>
        }
      />
    </ListItem>
  );
}
