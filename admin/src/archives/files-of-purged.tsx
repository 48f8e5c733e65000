import {
  Autocomplete,
  Box,
  FormControl,
  FormControlLabel,
  FormLabel,
  Radio,
  RadioGroup,
  TextField,
} from "@mui/material";
import { useId, useState } from "react";
import { useDebouncedEvent, useGetList } from "react-admin";
import type { UserRow } from "../users/user.queries.js";

/** Whom the files of purged users go to: undefined, nobody; null, somebody who is yet to be chosen. */
export type Heir = UserRow | null | undefined;

const FOUND_AT_ONCE = 10;
const TYPING_MS = 250;

interface FilesOfPurgedProps {
  /** Who is purged, and so cannot get anything. */
  ids: readonly string[];
  heir: Heir;
  onChoose: (heir: Heir) => void;
}

/** What becomes of the files of users who are purged. */
export function FilesOfPurged({ ids, heir, onChoose }: FilesOfPurgedProps) {
  const label = useId();
  return (
    <FormControl fullWidth sx={{ mb: 2 }}>
      <FormLabel id={label}>
        {ids.length === 1 ? "The files of this account" : "The files of these accounts"}
      </FormLabel>
      <RadioGroup
        aria-labelledby={label}
        value={heir === undefined ? "purge" : "hand over"}
        onChange={(_, value) => onChoose(value === "purge" ? undefined : null)}
      >
        <FormControlLabel value="purge" control={<Radio size="small" />} label="Purge them too" />
        <FormControlLabel
          value="hand over"
          control={<Radio size="small" />}
          label="Hand them over to somebody"
        />
      </RadioGroup>
      {heir !== undefined && <HeirInput {...{ ids, heir, onChoose }} />}
    </FormControl>
  );
}

interface HeirInputProps {
  ids: readonly string[];
  heir: UserRow | null;
  onChoose: (heir: UserRow | null) => void;
}

/** Finds an active account by any word of its name or address. */
function HeirInput({ ids, heir, onChoose }: HeirInputProps) {
  const [search, setSearch] = useState("");
  const find = useDebouncedEvent(setSearch, TYPING_MS);
  const { data = [], isFetching } = useGetList<UserRow>("users", {
    filter: search === "" ? {} : { search },
    sort: { field: "username", order: "ASC" },
    pagination: { page: 1, perPage: FOUND_AT_ONCE },
  });
  return (
    <Autocomplete
      sx={{ mt: 1 }}
      size="small"
      options={data.filter(({ id }) => !ids.includes(id))}
      value={heir}
      loading={isFetching}
      onChange={(_, user) => onChoose(user)}
      onInputChange={(_, text, reason) => {
        if (reason !== "reset") void find(text);
      }}
      // The server has found them already, also by what is not shown.
      filterOptions={(users) => users}
      isOptionEqualToValue={(a, b) => a.id === b.id}
      getOptionKey={({ id }) => id}
      getOptionLabel={({ username }) => username}
      noOptionsText="Nobody is called that"
      renderOption={({ key, ...option }, { username, email }) => (
        <Box component="li" key={key} {...option}>
          <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
            {username}
            <Box component="small" sx={{ display: "block", color: "text.secondary" }}>
              {email}
            </Box>
          </Box>
        </Box>
      )}
      renderInput={(input) => <TextField {...input} label="Who gets them" placeholder="Name or e-mail" />}
    />
  );
}
