import { Box, Typography } from "@mui/material";
import type { SystemStyleObject } from "@mui/system";

/** The mark and the name. */
export function Brand({ sx = {} }: { sx?: SystemStyleObject }) {
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1, ...sx }}>
      <Box
        component="svg"
        viewBox="0 0 32 32"
        aria-hidden
        sx={{ width: 24, height: 24, color: "primary.main" }}
      >
        <rect width="32" height="32" rx="8" fill="currentColor" />
        <Box
          component="path"
          d="M7 11.5 16 7l9 4.5-9 4.5zM7 16l9 4.5 9-4.5M7 20.5 16 25l9-4.5"
          fill="none"
          strokeWidth="2"
          strokeLinejoin="round"
          sx={{ stroke: (theme) => theme.palette.primary.contrastText }}
        />
      </Box>
      <Typography component="span" sx={{ fontWeight: 700, letterSpacing: "-0.01em" }}>
        Telestash
      </Typography>
    </Box>
  );
}
