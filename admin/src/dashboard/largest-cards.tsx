import { Box, Card, CardContent, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { useDataProvider, useResourceDefinitions } from "react-admin";
import type { ReactNode } from "react";
import { ResourceLink } from "../display/resource-link.js";
import { Size } from "../display/values.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { DAYS } from "./days-card.js";

/** What takes most room: by kind of file, and by account. */
export function LargestCards() {
  const { statistics } = useDataProvider<ConsoleDataProvider>();
  const { users } = useResourceDefinitions();
  const { data } = useQuery({ queryKey: ["statistics", DAYS], queryFn: () => statistics(DAYS) });
  if (!data) return null;
  return (
    <Box sx={{ display: "grid", gap: 2.5, gridTemplateColumns: { xs: "1fr", md: "1fr 1fr" } }}>
      <Largest
        title="Files by kind"
        rows={data.types.map(({ name, files, bytes }) => {
          return { key: name, name: `${name} (${files.toLocaleString("en")})`, bytes };
        })}
      />
      <Largest
        title="Largest accounts"
        rows={data.topUsers.map(({ id, username, bytesUsed: bytes }) => {
          const link = (
            <ResourceLink resource="users" id={id}>
              {username}
            </ResourceLink>
          );
          return { key: id, name: users?.hasShow ? link : username, bytes };
        })}
      />
    </Box>
  );
}

function Largest({
  title,
  rows,
}: {
  title: string;
  rows: readonly { key: string; name: ReactNode; bytes: number }[];
}) {
  return (
    <Card component="section" aria-label={title}>
      <CardContent>
        <Typography variant="h6" component="h3" sx={{ mb: 0.5 }}>
          {title}
        </Typography>
        {rows.length === 0 && (
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            Nothing is stored yet.
          </Typography>
        )}
        <Stack component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
          {rows.map(({ key, name, bytes }) => (
            <Stack
              component="li"
              key={key}
              direction="row"
              sx={{ justifyContent: "space-between", alignItems: "center", gap: 2, py: 0.5 }}
            >
              <Typography component="div" variant="body2" sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
                {name}
              </Typography>
              <Size bytes={bytes} />
            </Stack>
          ))}
        </Stack>
      </CardContent>
    </Card>
  );
}
