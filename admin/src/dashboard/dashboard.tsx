import { Box, Card, CardActionArea, CardContent, Skeleton, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Title, useDataProvider, useGetIdentity } from "react-admin";
import { Link as RouterLink } from "react-router-dom";
import { TONES } from "../display/tones.js";
import type { Tone } from "../display/tones.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { UploadButton } from "../uploads/upload-button.js";
import type { FileCounts } from "./counts.js";
import { LiveTransfersCard } from "./live-transfers-card.js";

const CARDS: readonly { count: keyof FileCounts; label: string; tone: Tone; states: readonly string[] }[] = [
  { count: "stored", label: "Stored", tone: "green", states: ["STORED"] },
  { count: "moving", label: "On their way", tone: "blue", states: ["RECEIVING", "STAGED", "TRANSFERRING"] },
  { count: "degraded", label: "Degraded", tone: "orange", states: ["DEGRADED"] },
  { count: "failed", label: "Failed or lost", tone: "red", states: ["FAILED", "LOST"] },
];

export function Dashboard() {
  const { identity } = useGetIdentity();
  const isAdmin = identity?.["role"] === "ADMIN";
  return (
    <Stack sx={{ gap: 2.5, mt: 2, maxWidth: 1100 }}>
      <Title title="Dashboard" />
      <Stack
        direction={{ xs: "column", sm: "row" }}
        sx={{ justifyContent: "space-between", alignItems: { sm: "center" }, gap: 1.5 }}
      >
        <Box>
          <Typography variant="h5" component="h2">
            {isAdmin ? "All files" : "Your files"}
          </Typography>
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            Drop files or folders anywhere to upload them.
          </Typography>
        </Box>
        <UploadButton withFolder />
      </Stack>
      <Counts />
      <LiveTransfersCard />
    </Stack>
  );
}

function Counts() {
  const { countFiles } = useDataProvider<ConsoleDataProvider>();
  const { data, error } = useQuery({ queryKey: ["files", "counts"], queryFn: countFiles });
  if (error) {
    return (
      <Typography role="alert" variant="body2" sx={{ color: "error.main" }}>
        {messageOf(error)}
      </Typography>
    );
  }
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr 1fr", md: "repeat(4, 1fr)" } }}>
      {CARDS.map(({ count, label, tone, states }) => (
        <Card key={count}>
          <CardActionArea
            component={RouterLink}
            to={`/files?filter=${encodeURIComponent(JSON.stringify({ state: states }))}`}
          >
            <CardContent>
              <Typography variant="body2" sx={{ color: "text.secondary" }}>
                {label}
              </Typography>
              <Typography
                sx={(theme) => ({
                  fontSize: "1.9rem",
                  fontWeight: 650,
                  fontVariantNumeric: "tabular-nums",
                  color: data?.[count] ? TONES[theme.palette.mode][tone].text : "text.secondary",
                })}
              >
                {data ? data[count].toLocaleString("en") : <Skeleton width={48} />}
              </Typography>
            </CardContent>
          </CardActionArea>
        </Card>
      ))}
    </Box>
  );
}
