import { Alert, Button, Chip, List, ListItem, ListItemText, Stack, Typography } from "@mui/material";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNotify } from "react-admin";
import { When } from "../display/values.js";
import { revokeOtherSessions, revokeSession, sessions } from "../providers/account.js";
import type { SessionRow } from "../providers/account.js";
import { messageOf } from "../providers/errors.js";

const KEY = ["sessions"];

/** The viewer's sessions, each with a way to end it. The present one ends by signing out. */
export function SessionsList() {
  const { data = [], error } = useQuery({ queryKey: KEY, queryFn: sessions });
  const others = data.filter(({ isCurrent }) => !isCurrent).length;
  const end = useEnding();

  if (error) return <Alert severity="error">{messageOf(error)}</Alert>;
  return (
    <>
      <List disablePadding>
        {data.map((row) => (
          <SessionItem key={row.id} row={row} onEnd={() => end.mutate(row.id)} ending={end.isPending} />
        ))}
      </List>
      {others > 0 && (
        <Button
          variant="outlined"
          color="error"
          loading={end.isPending}
          onClick={() => end.mutate(undefined)}
          sx={{ mt: 1 }}
        >
          Sign out everywhere else
        </Button>
      )}
    </>
  );
}

/** Ends one session, or all but this one when no id is given. */
function useEnding() {
  const queries = useQueryClient();
  const notify = useNotify();
  return useMutation<unknown, unknown, string | undefined>({
    mutationFn: (id) => (id === undefined ? revokeOtherSessions() : revokeSession(id)),
    onSuccess: () => notify("Signed out there", { type: "success" }),
    onError: (failure) => notify(messageOf(failure), { type: "error" }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

function SessionItem({ row, onEnd, ending }: { row: SessionRow; onEnd: () => void; ending: boolean }) {
  return (
    <ListItem disableGutters divider sx={{ gap: 1 }}>
      <ListItemText
        disableTypography
        sx={{ minWidth: 0 }}
        primary={
          <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
            <Typography>{row.device}</Typography>
            {row.isCurrent && <Chip size="small" color="success" variant="outlined" label="This device" />}
          </Stack>
        }
        secondary={
          <Typography
            variant="body2"
            component="div"
            sx={{ color: "text.secondary", overflowWrap: "anywhere" }}
          >
            {row.address} · last used <When date={row.lastUsedAt} /> · signed in <When date={row.createdAt} />
          </Typography>
        }
      />
      {!row.isCurrent && (
        <Button
          size="small"
          color="error"
          disabled={ending}
          onClick={onEnd}
          sx={{ flexShrink: 0 }}
          aria-label={`Sign out ${row.device} at ${row.address}`}
        >
          Sign out
        </Button>
      )}
    </ListItem>
  );
}
