import { Skeleton, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { useDataProvider } from "react-admin";
import { ProgressBar } from "../display/progress-bar.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { fullness, limitsText, toneOf, usageText } from "./usage-text.js";

/** How much of the viewer's quota is used. */
export function UsageBar() {
  const { ownUsage } = useDataProvider<ConsoleDataProvider>();
  const { data, error } = useQuery({ queryKey: ["me", "usage"], queryFn: ownUsage });
  if (error) {
    return (
      <Typography role="alert" variant="body2" sx={{ color: "error.main" }}>
        {messageOf(error)}
      </Typography>
    );
  }
  if (!data) return <Skeleton height={48} />;

  const percent = fullness(data);
  return (
    <Stack sx={{ gap: 0.75 }}>
      <Typography variant="body2" sx={{ fontVariantNumeric: "tabular-nums" }}>
        {usageText(data)}
      </Typography>
      {percent !== undefined && (
        <ProgressBar label="Used of the quota" percent={percent} tone={toneOf(percent)} />
      )}
      {percent === 100 && (
        <Typography variant="body2" role="status" sx={{ fontWeight: 600 }}>
          There is no room for more files. Remove some for good, or ask an administrator for a larger quota.
        </Typography>
      )}
      <Typography variant="body2" sx={{ color: "text.secondary" }}>
        {limitsText(data)}
      </Typography>
    </Stack>
  );
}
