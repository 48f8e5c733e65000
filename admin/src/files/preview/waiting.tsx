import { Box, CircularProgress } from "@mui/material";

export function Waiting() {
  return (
    <Box sx={{ display: "grid", placeItems: "center", minHeight: 120 }}>
      <CircularProgress aria-label="Loading the preview" />
    </Box>
  );
}
