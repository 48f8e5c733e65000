import LockOpenIcon from "@mui/icons-material/LockOpen";
import { Alert, Button, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { ActionButton } from "../display/action-button.js";
import { EmptyState } from "../display/list-states.js";
import { Row, Rows } from "../display/rows.js";
import { Section } from "../display/section.js";
import { StateChip } from "../display/state-chip.js";
import { useNow } from "../display/use-now.js";
import { When } from "../display/values.js";
import { messageOf } from "../providers/errors.js";
import { laneLook, rightsWords } from "./lane-words.js";
import { laneHealth, lanes, unblockLane } from "./system.calls.js";
import type { LaneHealthRow, LaneRow } from "./system.calls.js";
import { SystemPage } from "./system-page.js";

const REFRESH_MS = 5000;

/** Every bot in every chat: its pace, its blocks, and what Telegram says it may do. */
export function LanesPage() {
  const { data, error } = useQuery({ queryKey: ["lanes"], queryFn: lanes, refetchInterval: REFRESH_MS });
  // Telegram is asked on demand: each question costs requests that the lanes could use.
  const health = useQuery({ queryKey: ["lane-health"], queryFn: laneHealth, enabled: false });
  const now = useNow(true);
  const ask = (
    <Button variant="outlined" loading={health.isFetching} onClick={() => void health.refetch()}>
      Ask Telegram what each bot may do
    </Button>
  );
  return (
    <SystemPage title="Lanes" error={error}>
      {health.error && <Alert severity="error">{messageOf(health.error)}</Alert>}
      <Section title="Every bot in every chat" actions={ask} flush>
        {data?.length === 0 && (
          <EmptyState title="No lanes" text="Set bot tokens and chat ids to have some." />
        )}
        <Rows label="Lanes">
          {data?.map((lane) => (
            <Row key={lane.id}>
              <Lane lane={lane} now={now} health={health.data?.find((one) => isOf(one, lane))} />
            </Row>
          ))}
        </Rows>
      </Section>
    </SystemPage>
  );
}

function isOf(health: LaneHealthRow, { bot, chat }: LaneRow): boolean {
  return health.bot === bot && health.chat === chat;
}

function Lane({ lane, now, health }: { lane: LaneRow; now: Date; health: LaneHealthRow | undefined }) {
  const look = laneLook(lane, now);
  return (
    <>
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
        <Typography variant="subtitle2" component="h3" sx={{ overflowWrap: "anywhere" }}>
          Bot {lane.bot} in chat {lane.chat}
        </Typography>
        {lane.isPrimary && <StateChip label="First copies" tone="blue" />}
        <StateChip {...look} />
        {lane.blockedUntil != null && (
          <ActionButton
            name={`Unblock bot ${lane.bot} in chat ${lane.chat}`}
            icon={<LockOpenIcon />}
            act={() => unblockLane(lane.id)}
            done="The lane may send again"
          >
            Unblock
          </ActionButton>
        )}
      </Stack>
      <Typography variant="body2" component="div" sx={{ color: "text.secondary" }}>
        {lane.gapMs} ms between two documents · {lane.recentSends} in the last minute · blocked{" "}
        {lane.blocks === 1 ? "once" : `${lane.blocks} times`}
        {lane.lastBlockedAt != null && (
          <>
            , last <When date={lane.lastBlockedAt} />
          </>
        )}
        {lane.lastSentAt != null && (
          <>
            {" "}
            · last sent <When date={lane.lastSentAt} />
          </>
        )}
      </Typography>
      {health && <Health health={health} />}
    </>
  );
}

function Health({ health }: { health: LaneHealthRow }) {
  const { botName, chatTitle, problem } = health;
  if (problem != null) {
    return (
      <Alert severity="warning" sx={{ mt: 1 }}>
        {problem}
      </Alert>
    );
  }
  return (
    <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
      {botName != null && `@${botName} `}
      {rightsWords(health)}
      {chatTitle != null && ` in “${chatTitle}”`}
    </Typography>
  );
}
