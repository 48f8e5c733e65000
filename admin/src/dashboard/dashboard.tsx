import { Box, Card, CardContent, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Title, useDataProvider, useGetIdentity } from "react-admin";
import { UsageBar } from "../account/usage-bar.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { messageOf } from "../providers/errors.js";
import { UploadButton } from "../uploads/upload-button.js";
import { useUploadHint } from "../uploads/use-upload-hint.js";
import { AdminDashboard } from "./admin-dashboard.js";
import { LiveTransfersCard } from "./live-transfers-card.js";
import { StateCards } from "./state-cards.js";

export function Dashboard() {
  const { identity } = useGetIdentity();
  const hint = useUploadHint();
  const isAdmin = identity?.["role"] === "ADMIN";
  return (
    <Stack sx={{ gap: 2.5, mt: 2, maxWidth: 1100 }}>
      <Title title="Dashboard" />
      <Stack
        direction={{ xs: "column", sm: "row" }}
        sx={{ justifyContent: "space-between", alignItems: { sm: "center" }, gap: 1.5 }}
      >
        <Box>
          <Typography variant="h5" component="h2">
            {isAdmin ? "All files" : "Your files"}
          </Typography>
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {hint}
          </Typography>
        </Box>
        <UploadButton withFolder />
      </Stack>
      {identity && (isAdmin ? <AdminDashboard /> : <OwnDashboard />)}
    </Stack>
  );
}

function OwnDashboard() {
  return (
    <>
      <OwnCounts />
      <LiveTransfersCard />
      <Card component="section" aria-label="Storage">
        <CardContent>
          <Typography variant="h6" component="h3" sx={{ mb: 0.5 }}>
            Storage
          </Typography>
          <UsageBar />
        </CardContent>
      </Card>
    </>
  );
}

function OwnCounts() {
  const { countFiles } = useDataProvider<ConsoleDataProvider>();
  const { data, error } = useQuery({ queryKey: ["files", "counts"], queryFn: countFiles });
  if (error) {
    return (
      <Typography role="alert" variant="body2" sx={{ color: "error.main" }}>
        {messageOf(error)}
      </Typography>
    );
  }
  return <StateCards counts={data} />;
}
