import RefreshIcon from "@mui/icons-material/Refresh";
import { Button, CircularProgress, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Row, Rows } from "../display/rows.js";
import { Section } from "../display/section.js";
import { StateChip } from "../display/state-chip.js";
import type { Tone } from "../display/tones.js";
import { When } from "../display/values.js";
import type { CheckStatus } from "../generated/graphql.js";
import { systemChecks } from "./system.calls.js";
import type { CheckRow } from "./system.calls.js";
import { SystemPage } from "./system-page.js";

const LOOK: Record<CheckStatus, { label: string; tone: Tone }> = {
  OK: { label: "OK", tone: "green" },
  WARN: { label: "Warning", tone: "amber" },
  FAIL: { label: "Failed", tone: "red" },
};

/** Every part of the system, and what to do about what is wrong. */
export function ChecksPage() {
  const { data, error, isFetching, refetch } = useQuery({ queryKey: ["checks"], queryFn: systemChecks });
  const again = (
    <Button
      variant="outlined"
      startIcon={<RefreshIcon />}
      loading={isFetching}
      loadingPosition="start"
      onClick={() => void refetch()}
    >
      Check again
    </Button>
  );
  return (
    <SystemPage title="System checks" error={error}>
      <Section title={data ? verdictOn(data.checks) : "Every part of the system"} actions={again} flush>
        {data ? (
          <>
            <Typography variant="body2" component="div" sx={{ color: "text.secondary", px: 2, pb: 1 }}>
              Checked <When date={data.at} />
            </Typography>
            <Rows label="Checks">
              {data.checks.map((check) => (
                <Row key={check.name}>
                  <Check check={check} />
                </Row>
              ))}
            </Rows>
          </>
        ) : (
          isFetching && <CircularProgress sx={{ m: 2 }} />
        )}
      </Section>
    </SystemPage>
  );
}

function verdictOn(checks: readonly CheckRow[]): string {
  const wrong = checks.filter(({ status }) => status !== "OK").length;
  if (wrong === 0) return "All is well";
  return wrong === 1 ? "One part wants attention" : `${wrong} parts want attention`;
}

function Check({ check: { name, status, found, fix } }: { check: CheckRow }) {
  return (
    <>
      <Stack direction="row" sx={{ gap: 1.5, alignItems: "center" }}>
        <Typography variant="subtitle2" component="h3" sx={{ flex: 1 }}>
          {name}
        </Typography>
        <StateChip {...LOOK[status]} />
      </Stack>
      <Typography variant="body2" sx={{ overflowWrap: "anywhere", color: "text.secondary" }}>
        {found}
      </Typography>
      {fix != null && (
        <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
          <strong>What to do:</strong> {fix}
        </Typography>
      )}
    </>
  );
}
