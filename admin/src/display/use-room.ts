import { useMediaQuery } from "@mui/material";
import type { Theme } from "@mui/material";

/**
 * Whether the window is so wide. Tables need more than a phone's width: the menu stands beside them, and what does not fit
 * would make the page scroll sideways.
 * @param px measured with the menu open
 */
export function useRoom(px: number): boolean {
  return useMediaQuery<Theme>((theme) => theme.breakpoints.up(px));
}
