import { useMediaQuery } from "@mui/material";
import type { Theme } from "@mui/material";
import { cloneElement } from "react";
import type { ReactElement } from "react";

type Filter = ReactElement<{ source: string; alwaysOn?: boolean }>;

/**
 * A list's filters. On a phone only the first ones stand above it, and those in use; a `FilterButton` has the others.
 * @returns whether there is such a button to show, too
 */
export function useFilters(
  filters: readonly Filter[],
  first: number,
): { filters: Filter[]; isFolded: boolean } {
  const isFolded = useMediaQuery<Theme>((theme) => theme.breakpoints.down("sm"));
  const shown = filters.map((filter, i) =>
    isFolded && i >= first ? cloneElement(filter, { alwaysOn: false }) : filter,
  );
  return { filters: shown, isFolded };
}
