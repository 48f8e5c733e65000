import { Box, Card, CardContent, Typography } from "@mui/material";
import { visuallyHidden } from "@mui/utils";
import { useQuery } from "@tanstack/react-query";
import { useDataProvider } from "react-admin";
import { formatBytes } from "../display/format.js";
import { TONES } from "../display/tones.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import type { Day } from "./statistics.documents.js";

export const DAYS = 30;
const WIDTH = 600;
const HEIGHT = 90;
const GAP = 3;

/** Bytes uploaded on each of the last days; a red mark under a day on which transfers failed. Read out as a table. */
export function DaysCard({ today }: { today: Day | undefined }) {
  const { statistics } = useDataProvider<ConsoleDataProvider>();
  const { data, error } = useQuery({ queryKey: ["statistics", DAYS], queryFn: () => statistics(DAYS) });
  const days = (data?.days ?? []).map((day) => (day.name === today?.name ? today : day));
  const sum = (count: (day: Day) => number) => days.reduce((total, day) => total + count(day), 0);
  return (
    <Card component="section" aria-label="The last 30 days">
      <CardContent>
        <Typography variant="h6" component="h3">
          The last {DAYS} days
        </Typography>
        {error && (
          <Typography role="alert" variant="body2" sx={{ color: "error.main" }}>
            {messageOf(error)}
          </Typography>
        )}
        {data && (
          <>
            <Typography variant="body2" sx={{ color: "text.secondary", mb: 1.5 }}>
              {countOf(
                sum((day) => day.uploads),
                "upload",
              )}{" "}
              of {formatBytes(sum((day) => day.uploadedBytes))},{" "}
              {countOf(
                sum((day) => day.transfersDone),
                "transfer",
              )}{" "}
              done, {sum((day) => day.transfersFailed).toLocaleString("en")} failed
            </Typography>
            <Bars days={days} />
            <DaysTable days={days} />
          </>
        )}
      </CardContent>
    </Card>
  );
}

function Bars({ days }: { days: readonly Day[] }) {
  const most = Math.max(1, ...days.map(({ uploadedBytes }) => uploadedBytes));
  const step = WIDTH / Math.max(1, days.length);
  return (
    <Box aria-hidden>
      <Box
        component="svg"
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 8}`}
        preserveAspectRatio="none"
        sx={(theme) => {
          const tones = TONES[theme.palette.mode];
          return {
            ...{ display: "block", width: "100%", height: 120 },
            "& .ground": { fill: tones.grey.fill },
            "& .bytes": { fill: tones.blue.bar },
            "& .failed": { fill: tones.red.bar },
          };
        }}
      >
        {days.map((day, i) => {
          const height = day.uploadedBytes === 0 ? 0 : Math.max(2, (day.uploadedBytes / most) * HEIGHT);
          const place = { x: i * step, width: step - GAP };
          return (
            <g key={day.name}>
              <title>{sentence(day)}</title>
              <rect className="ground" {...place} y={0} height={HEIGHT} />
              <rect className="bytes" {...place} y={HEIGHT - height} height={height} />
              {day.transfersFailed > 0 && <rect className="failed" {...place} y={HEIGHT + 3} height={5} />}
            </g>
          );
        })}
      </Box>
      <Box sx={{ display: "flex", justifyContent: "space-between", mt: 0.5, color: "text.secondary" }}>
        <Typography variant="body2">{days[0]?.name}</Typography>
        <Typography variant="body2">most in a day: {formatBytes(most === 1 ? 0 : most)}</Typography>
        <Typography variant="body2">today</Typography>
      </Box>
    </Box>
  );
}

/** The same for those who do not see the bars; days on which nothing happened are left out. */
function DaysTable({ days }: { days: readonly Day[] }) {
  const busy = days.filter(({ uploads, transfersDone, transfersFailed }) =>
    [uploads, transfersDone, transfersFailed].some((count) => count > 0),
  );
  return (
    <Box sx={{ position: "relative" }}>
      <table style={visuallyHidden}>
        <caption>Days on which something happened</caption>
        <thead>
          <tr>
            {["Day", "Uploads", "Uploaded", "Transfers done", "Transfers failed"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map((day) => (
            <tr key={day.name}>
              <th scope="row">{day.name}</th>
              <td>{day.uploads}</td>
              <td>{formatBytes(day.uploadedBytes)}</td>
              <td>{day.transfersDone}</td>
              <td>{day.transfersFailed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  );
}

function sentence({ name, uploads, uploadedBytes, transfersDone, transfersFailed }: Day): string {
  const uploaded = `${countOf(uploads, "upload")} of ${formatBytes(uploadedBytes)}`;
  return `${name}: ${uploaded}, ${countOf(transfersDone, "transfer")} done, ${transfersFailed} failed`;
}

function countOf(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? thing : `${thing}s`}`;
}
