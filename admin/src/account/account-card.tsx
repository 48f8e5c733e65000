import { Alert, Box, Card, CardContent, Stack, Typography } from "@mui/material";
import { Notification } from "react-admin";
import type { ReactNode } from "react";
import { Brand } from "../layout/brand.js";

interface AccountCardProps {
  title: string;
  error?: string | undefined;
  children: ReactNode;
  /** Links to the other account pages. */
  footer?: ReactNode;
}

/** The frame of the pages that are seen signed out. */
export function AccountCard({ title, error, children, footer }: AccountCardProps) {
  return (
    <Box
      component="main"
      sx={{
        minHeight: "100vh",
        display: "grid",
        placeItems: "center",
        p: 2,
        backgroundColor: "background.default",
        color: "text.primary",
      }}
    >
      <Card sx={{ width: "100%", maxWidth: 400 }}>
        <CardContent sx={{ p: { xs: 2.5, sm: 4 }, "&:last-child": { pb: { xs: 2.5, sm: 4 } } }}>
          <Brand sx={{ mb: 2 }} />
          <Typography variant="h5" component="h1" sx={{ mb: 2 }}>
            {title}
          </Typography>
          {error && (
            <Alert severity="error" sx={{ mb: 2 }}>
              {error}
            </Alert>
          )}
          {children}
          {footer && <Stack sx={{ mt: 2.5, gap: 0.5, alignItems: "flex-start" }}>{footer}</Stack>}
        </CardContent>
      </Card>
      <Notification />
    </Box>
  );
}
