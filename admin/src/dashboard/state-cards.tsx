import { Box, Card, CardActionArea, CardContent, Skeleton, Typography } from "@mui/material";
import { Link as RouterLink } from "react-router-dom";
import { TONES } from "../display/tones.js";
import type { Tone } from "../display/tones.js";
import type { FileCounts } from "./counts.js";

const CARDS: readonly { count: keyof FileCounts; label: string; tone: Tone; states: readonly string[] }[] = [
  { count: "stored", label: "Stored", tone: "green", states: ["STORED"] },
  { count: "moving", label: "On their way", tone: "blue", states: ["RECEIVING", "STAGED", "TRANSFERRING"] },
  { count: "degraded", label: "Degraded", tone: "orange", states: ["DEGRADED"] },
  { count: "failed", label: "Failed or lost", tone: "red", states: ["FAILED", "LOST"] },
];

/** Files by state, each a link to just these. */
export function StateCards({ counts }: { counts: FileCounts | undefined }) {
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
                  color: counts?.[count] ? TONES[theme.palette.mode][tone].text : "text.secondary",
                })}
              >
                {counts ? counts[count].toLocaleString("en") : <Skeleton width={48} />}
              </Typography>
            </CardContent>
          </CardActionArea>
        </Card>
      ))}
    </Box>
  );
}
