import { Box, Link, Paper, Skeleton, Typography } from "@mui/material";
import { useResourceDefinitions } from "react-admin";
import { Link as RouterLink } from "react-router-dom";
import type { Counters } from "./statistics.documents.js";

type Totals = Counters["totals"];

interface Tile {
  label: string;
  count: (totals: Totals) => number;
  /** The list that has just these. */
  resource: string;
  filter?: Record<string, unknown>;
}

const TILES: readonly Tile[] = [
  { label: "Users", count: ({ users }) => users, resource: "users" },
  {
    label: "Administrators",
    count: ofRole("ADMIN"),
    resource: "users",
    filter: { role: "ADMIN" },
  },
  { label: "Premium users", count: ofRole("PREMIUM"), resource: "users", filter: { role: "PREMIUM" } },
  { label: "Free users", count: ofRole("FREE"), resource: "users", filter: { role: "FREE" } },
  {
    label: "Archived users",
    count: ({ archivedUsers }) => archivedUsers,
    resource: "users",
    filter: { archived: "true" },
  },
  { label: "Files", count: ({ files }) => files, resource: "files", filter: { scope: "all" } },
  { label: "Archived files", count: ({ archivedFiles }) => archivedFiles, resource: "archive" },
  {
    label: "Anonymous files",
    count: ({ anonymousFiles }) => anonymousFiles,
    resource: "files",
    filter: { account: "NOBODY" },
  },
];

/** How much there is of everything, each number a link to the list that has just these. */
export function CountTiles({ totals }: { totals: Totals | undefined }) {
  const lists = useResourceDefinitions();
  return (
    <Paper
      component="ul"
      aria-label="Totals"
      variant="outlined"
      sx={{
        display: "grid",
        gridTemplateColumns: { xs: "repeat(2, 1fr)", sm: "repeat(4, 1fr)", lg: "repeat(8, 1fr)" },
        listStyle: "none",
        ...{ m: 0, p: 1 },
      }}
    >
      {TILES.map(({ label, count, resource, filter = {} }) => (
        <Box component="li" key={label} sx={{ display: "flex", flexDirection: "column", px: 1, py: 0.5 }}>
          <Typography component="span" variant="body2" sx={{ color: "text.secondary" }}>
            {lists[resource]?.hasList ? (
              <Link
                component={RouterLink}
                to={linkTo(resource, filter)}
                sx={{ display: "inline-block", py: 0.25 }}
              >
                {label}
              </Link>
            ) : (
              label
            )}
          </Typography>
          <Typography component="span" sx={{ fontSize: "1.25rem", fontWeight: 650 }}>
            {totals ? count(totals).toLocaleString("en") : <Skeleton width={32} />}
          </Typography>
        </Box>
      ))}
    </Paper>
  );
}

function ofRole(role: Totals["usersByRole"][number]["role"]) {
  return ({ usersByRole }: Totals): number => usersByRole.find((count) => count.role === role)?.users ?? 0;
}

function linkTo(resource: string, filter: Record<string, unknown>): string {
  return `/${resource}?filter=${encodeURIComponent(JSON.stringify(filter))}`;
}
