import { Tooltip, Typography } from "@mui/material";
import { formatBytes, formatExactBytes, formatWhen } from "./format.js";

/** A size in IEC units; the exact number of bytes on hover. */
export function Size({ bytes }: { bytes: number }) {
  return (
    <Tooltip describeChild title={formatExactBytes(bytes)}>
      <Typography component="span" variant="body2" sx={{ whiteSpace: "nowrap" }}>
        {formatBytes(bytes)}
      </Typography>
    </Tooltip>
  );
}

/** "3 minutes ago"; the exact time on hover. */
export function When({ date }: { date: string }) {
  const at = new Date(date);
  return (
    <Tooltip describeChild title={at.toLocaleString("en", { dateStyle: "full", timeStyle: "medium" })}>
      <Typography component="time" dateTime={date} variant="body2" sx={{ whiteSpace: "nowrap" }}>
        {formatWhen(at, new Date())}
      </Typography>
    </Tooltip>
  );
}
