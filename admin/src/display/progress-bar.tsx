import { LinearProgress } from "@mui/material";
import { TONES } from "./tones.js";
import type { Tone } from "./tones.js";

interface ProgressBarProps {
  /** Its accessible name, such as "Transfer of report.pdf". */
  label: string;
  /** Undefined while there is nothing to measure. */
  percent: number | undefined;
  tone: Tone;
}

export function ProgressBar({ label, percent, tone }: ProgressBarProps) {
  return (
    <LinearProgress
      aria-label={label}
      variant={percent === undefined ? "indeterminate" : "determinate"}
      {...(percent !== undefined && { value: percent })}
      sx={(theme) => {
        const { fill, bar } = TONES[theme.palette.mode][tone];
        return {
          height: 6,
          borderRadius: 3,
          backgroundColor: fill,
          "& .MuiLinearProgress-bar": { backgroundColor: bar, borderRadius: 3 },
        };
      }}
    />
  );
}
