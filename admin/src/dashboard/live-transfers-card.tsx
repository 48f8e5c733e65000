import { Box, Button, Card, CardContent, Stack, Typography } from "@mui/material";
import { ListBase, useListContext } from "react-admin";
import { Link as RouterLink } from "react-router-dom";
import { ResourceLink } from "../display/resource-link.js";
import { ListFailure } from "../display/list-states.js";
import type { TransferState } from "../generated/graphql.js";
import { TransferProgress } from "../transfers/transfer-progress.js";
import type { TransferListRow } from "../transfers/transfer.queries.js";

const UNDER_WAY: readonly TransferState[] = ["QUEUED", "RUNNING", "WAITING", "PAUSED", "VERIFYING"];
const NEEDS_A_LOOK: readonly TransferState[] = ["FAILED"];

export function LiveTransfersCard() {
  return (
    <>
      <TransfersCard
        title="Transfers under way"
        states={UNDER_WAY}
        nothing="Nothing is on its way to Telegram right now."
      />
      <TransfersCard title="Failed transfers" states={NEEDS_A_LOOK} />
    </>
  );
}

interface TransfersCardProps {
  title: string;
  states: readonly TransferState[];
  /** What to say of none; without it the card is not there at all. */
  nothing?: string;
}

function TransfersCard({ title, states, nothing }: TransfersCardProps) {
  return (
    <ListBase
      resource="transfers"
      filter={{ state: states }}
      perPage={5}
      disableSyncWithLocation
      storeKey={false}
    >
      <TransfersCardView title={title} states={states} {...(nothing !== undefined && { nothing })} />
    </ListBase>
  );
}

function TransfersCardView({ title, states, nothing }: TransfersCardProps) {
  const { data = [], total = 0, error, isPending } = useListContext<TransferListRow>();
  if (data.length === 0 && nothing === undefined) return null;
  const all = `/transfers?filter=${encodeURIComponent(JSON.stringify({ state: states }))}`;
  return (
    <Card component="section" aria-label={title}>
      <CardContent>
        <Stack direction="row" sx={{ justifyContent: "space-between", alignItems: "center", mb: 0.5 }}>
          <Typography variant="h6" component="h3">
            {title}
          </Typography>
          {total > data.length && (
            <Button size="small" component={RouterLink} to={all}>
              All {total}
            </Button>
          )}
        </Stack>
        {error && <ListFailure />}
        {!error && !isPending && data.length === 0 && (
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {nothing}
          </Typography>
        )}
        <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
          {data.map((transfer) => (
            <Box
              component="li"
              key={transfer.id}
              sx={{ py: 1.25, "& + &": { borderTop: 1, borderColor: "divider" } }}
            >
              {transfer.file && (
                <ResourceLink resource="files" id={transfer.file.id}>
                  {transfer.file.name}
                </ResourceLink>
              )}
              <TransferProgress
                fileId={transfer.file?.id}
                fileName={transfer.file?.name ?? "a file that is gone"}
                transferId={transfer.id}
                record={transfer}
              />
            </Box>
          ))}
        </Stack>
      </CardContent>
    </Card>
  );
}
