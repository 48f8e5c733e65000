import { Card, CardContent, Stack, Typography } from "@mui/material";
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** Buttons beside the title. */
  actions?: ReactNode;
  /** A list goes to the edges of its card. */
  flush?: boolean;
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, actions, flush = false, children }: SectionProps) {
  return (
    <Card component="section" aria-label={title}>
      <CardContent sx={flush ? { pb: 0, "&:last-child": { pb: 0 } } : {}}>
        <Stack
          direction="row"
          sx={{ gap: 1, justifyContent: "space-between", alignItems: "center", flexWrap: "wrap", mb: 1.5 }}
        >
          <Typography variant="h6" component="h2">
            {title}
          </Typography>
          {actions}
        </Stack>
        {!flush && children}
      </CardContent>
      {flush && children}
    </Card>
  );
}
