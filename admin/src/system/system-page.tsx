import { Alert, Stack } from "@mui/material";
import { Title } from "react-admin";
import type { ReactNode } from "react";
import { messageOf } from "../providers/errors.js";

interface SystemPageProps {
  title: string;
  /** Why what is shown could not be loaded, or not anew. */
  error: unknown;
  children: ReactNode;
}

/** The frame of the pages about the system itself. */
export function SystemPage({ title, error, children }: SystemPageProps) {
  return (
    <Stack sx={{ gap: 2, my: 2, maxWidth: 1080 }}>
      <Title title={title} />
      {error != null && <Alert severity="error">{messageOf(error)}</Alert>}
      {children}
    </Stack>
  );
}
