import { useMediaQuery } from "@mui/material";

/** How to upload something: nothing can be dropped with a finger. */
export function useUploadHint(): string {
  const byFinger = useMediaQuery("(pointer: coarse)");
  return byFinger
    ? "Upload files to keep them here, and share them from any device."
    : "Drop files or whole folders anywhere on this page to upload them.";
}
