import { Box, Button, Stack, Typography } from "@mui/material";
import RefreshIcon from "@mui/icons-material/Refresh";
import { useListContext, useRefresh, useShowContext } from "react-admin";
import type { ReactNode } from "react";
import { messageOf, requestIdOf } from "../providers/errors.js";

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  text?: string;
  children?: ReactNode;
}

/** What stands where nothing is: what it would be, and how to get it. */
export function EmptyState({ icon, title, text, children }: EmptyStateProps) {
  return (
    <Stack sx={{ alignItems: "center", textAlign: "center", gap: 1, px: 2, py: 6 }}>
      {icon && <Box sx={{ color: "text.secondary", "& svg": { fontSize: 44 } }}>{icon}</Box>}
      <Typography variant="h6" component="p">
        {title}
      </Typography>
      {text && (
        <Typography variant="body2" sx={{ color: "text.secondary", maxWidth: 420 }}>
          {text}
        </Typography>
      )}
      {children && <Box sx={{ mt: 1 }}>{children}</Box>}
    </Stack>
  );
}

/** Stands in a list that its filters leave empty; `text` says in words what was asked for. */
export function NoMatch({ text }: { text?: string }) {
  const { setFilters } = useListContext();
  return (
    <EmptyState title="Nothing matches these filters" {...(text !== undefined && { text })}>
      <Button variant="outlined" onClick={() => setFilters({}, [])}>
        Clear filters
      </Button>
    </EmptyState>
  );
}

export function ListFailure() {
  const { error, refetch } = useListContext();
  return <Failure error={error} onRetry={() => void refetch()} />;
}

/** Query options of a page that shows its failure itself: no notification beside it, no way back to the list. */
export const SHOWN_IN_PLACE = { onError: () => undefined };

export function ShowFailure() {
  const { error, refetch } = useShowContext();
  return <Failure error={error} onRetry={() => void refetch()} />;
}

function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const refresh = useRefresh();
  const requestId = requestIdOf(error);
  const retry = () => {
    onRetry();
    refresh();
  };
  return (
    <Box role="alert">
      <EmptyState
        title="This could not be loaded"
        text={messageOf(error) + (requestId ? ` (request ${requestId})` : "")}
      >
        <Button variant="outlined" startIcon={<RefreshIcon />} onClick={retry}>
          Try again
        </Button>
      </EmptyState>
    </Box>
  );
}
