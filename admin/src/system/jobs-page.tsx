import RefreshIcon from "@mui/icons-material/Refresh";
import { Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { ActionButton } from "../display/action-button.js";
import { EmptyState } from "../display/list-states.js";
import { ResourceLink } from "../display/resource-link.js";
import { Row, Rows } from "../display/rows.js";
import { Section } from "../display/section.js";
import { StateChip } from "../display/state-chip.js";
import type { Tone } from "../display/tones.js";
import { When } from "../display/values.js";
import type { DeadLetterKind, JobState } from "../generated/graphql.js";
import { cancelJob, jobs, retryDeadLetter, retryJob } from "./system.calls.js";
import type { DeadLetterRow, JobRow } from "./system.calls.js";
import { SystemPage } from "./system-page.js";

const REFRESH_MS = 5000;

const JOB_STATES: Record<JobState, { label: string; tone: Tone }> = {
  WAITING: { label: "Waiting", tone: "grey" },
  DUE: { label: "Due", tone: "amber" },
  RUNNING: { label: "Running", tone: "blue" },
  STALLED: { label: "Stalled", tone: "red" },
};

const KINDS: Record<DeadLetterKind, string> = {
  TRANSFER: "Transfer",
  REPAIR: "Repair",
  REMOVAL: "Removal",
  PURGE: "Purge",
};

/** What waits, what runs, and what failed with its reason. */
export function JobsPage() {
  const { data, error } = useQuery({ queryKey: ["jobs"], queryFn: jobs, refetchInterval: REFRESH_MS });
  return (
    <SystemPage title="Jobs" error={error}>
      <Section title="Failed work" flush>
        {data?.deadLetters.length === 0 && <EmptyState title="Nothing failed" />}
        <Rows label="Failed work">
          {data?.deadLetters.map((letter) => (
            <Row key={`${letter.kind}/${letter.id}`}>
              <DeadLetter letter={letter} />
            </Row>
          ))}
        </Rows>
      </Section>
      <Section title="Waiting and running jobs" flush>
        {data?.jobs.length === 0 && <EmptyState title="No jobs" />}
        <Rows label="Waiting and running jobs">
          {data?.jobs.map((job) => (
            <Row key={job.id}>
              <Job job={job} />
            </Row>
          ))}
        </Rows>
      </Section>
    </SystemPage>
  );
}

function DeadLetter({ letter }: { letter: DeadLetterRow }) {
  const { kind, id, fileId, title, code, reason, attempts, since, nextTryAt } = letter;
  return (
    <Stack direction="row" sx={{ gap: 2, justifyContent: "space-between", alignItems: "flex-start" }}>
      <div>
        <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
          <StateChip label={KINDS[kind]} tone="red" />
          {fileId == null ? (
            <Typography variant="subtitle2" component="h3">
              {title}
            </Typography>
          ) : (
            <ResourceLink resource="files" id={fileId}>
              {title}
            </ResourceLink>
          )}
        </Stack>
        <Typography variant="body2" sx={{ overflowWrap: "anywhere", mt: 0.5 }}>
          {code != null && <code>{code} </code>}
          {reason}
        </Typography>
        <Typography variant="body2" component="div" sx={{ color: "text.secondary" }}>
          since <When date={since} /> · tried {attempts === 1 ? "once" : `${attempts} times`} ·{" "}
          {nextTryAt == null ? (
            "not tried again by itself"
          ) : (
            <>
              next try <When date={nextTryAt} />
            </>
          )}
        </Typography>
      </div>
      <ActionButton
        name={`Try ${title} again`}
        icon={<RefreshIcon />}
        act={() => retryDeadLetter(kind, id)}
        done="It is tried again now"
      >
        Retry
      </ActionButton>
    </Stack>
  );
}

function Job({ job }: { job: JobRow }) {
  const { id, name, subjectId, state, nextRunAt, lockedAt, lastRunAt, failures, failReason } = job;
  return (
    <Stack
      direction="row"
      sx={{ gap: 2, justifyContent: "space-between", alignItems: "flex-start", flexWrap: "wrap" }}
    >
      <div>
        <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
          <Typography variant="subtitle2" component="h3">
            {name}
          </Typography>
          <StateChip {...JOB_STATES[state]} />
        </Stack>
        <Typography
          variant="body2"
          component="div"
          sx={{
            color: "text.secondary",
            overflowWrap: "anywhere",
            "& > span + span::before": { content: '" · "' },
          }}
        >
          {subjectId != null && <span>{subjectId}</span>}
          <Moment label="next run" date={nextRunAt} />
          <Moment label="worker last seen" date={lockedAt} />
          <Moment label="last run" date={lastRunAt} />
          {failures > 0 && <span>failed {failures === 1 ? "once" : `${failures} times`}</span>}
        </Typography>
        {failReason != null && (
          <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
            {failReason}
          </Typography>
        )}
      </div>
      {state !== "RUNNING" && (
        <Stack direction="row" sx={{ gap: 1 }}>
          <ActionButton
            name={`Run ${name} ${subjectId ?? ""} now`}
            icon={<RefreshIcon />}
            act={() => retryJob(id)}
            done="The job is due now"
          >
            Run now
          </ActionButton>
          <ActionButton
            name={`Cancel ${name} ${subjectId ?? ""}`}
            color="error"
            question={`The job ${name} is forgotten. What it should do stays due and may be queued again: to end a transfer, cancel the transfer.`}
            act={() => cancelJob(id)}
            done="The job is forgotten"
          >
            Cancel job
          </ActionButton>
        </Stack>
      )}
    </Stack>
  );
}

function Moment({ label, date }: { label: string; date: string | null | undefined }) {
  if (date == null) return null;
  return (
    <span>
      {label} <When date={date} />
    </span>
  );
}
