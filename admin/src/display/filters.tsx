import { useMediaQuery } from "@mui/material";
import type { Theme } from "@mui/material";
import { cloneElement } from "react";
import type { ReactElement } from "react";
import { AutocompleteInput, ReferenceInput, SearchInput } from "react-admin";

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

/** Beside the text: the padding and the sign. */
const AROUND_CH = 6;

/** Searches a list. @param what is searched: shown until something is typed, and the input's name */
export function searchFilter(what: string): Filter {
  return (
    <SearchInput
      key="search"
      source="search"
      alwaysOn
      placeholder={what}
      aria-label={what}
      sx={{ minWidth: { lg: `${what.length + AROUND_CH}ch` } }}
    />
  );
}

/** Things of one account, which is found by its name. @param source the filter that gets the account's id */
export function accountFilter(source: string, label: string): Filter {
  return (
    <ReferenceInput key={source} source={source} reference="users" alwaysOn>
      <AutocompleteInput
        label={label}
        optionText="username"
        filterToQuery={(search: string) => ({ search })}
        sx={{ minWidth: 160 }}
      />
    </ReferenceInput>
  );
}
