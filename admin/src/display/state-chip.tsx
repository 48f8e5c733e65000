import { Box } from "@mui/material";
import { TONES } from "./tones.js";
import type { Tone } from "./tones.js";

export function StateChip({ label, tone }: { label: string; tone: Tone }) {
  return (
    <Box
      component="span"
      sx={(theme) => {
        const { text, fill } = TONES[theme.palette.mode][tone];
        return {
          display: "inline-flex",
          alignItems: "center",
          gap: 0.75,
          px: 1,
          py: 0.25,
          borderRadius: 4,
          fontSize: "0.78rem",
          fontWeight: 600,
          lineHeight: 1.5,
          whiteSpace: "nowrap",
          color: text,
          backgroundColor: fill,
          "&::before": { content: '""', width: 6, height: 6, borderRadius: "50%", backgroundColor: text },
        };
      }}
    >
      {label}
    </Box>
  );
}
