import { Alert, Stack, Typography } from "@mui/material";
import { useQueryClient } from "@tanstack/react-query";
import {
  DateTimeInput,
  Form,
  maxValue,
  minLength,
  minValue,
  NumberInput,
  PasswordInput,
  SaveButton,
  useDataProvider,
  useNotify,
} from "react-admin";
import { useState } from "react";
import { useSubmit } from "../account/use-submit.js";
import type { ConsoleDataProvider } from "../providers/data-provider.js";
import { definedOnly } from "../providers/resource-queries.js";
import type { NewShare } from "./share.queries.js";

const isLongEnough = minLength(8, "At least 8 characters");
const isCount = [minValue(1, "At least 1"), maxValue(1_000_000, "At most 1,000,000")];

interface Values {
  expiresAt?: Date | string | null;
  password?: string | null;
  maxDownloads?: number | null;
}

/** Makes a link; all limits may be left out. */
export function NewShareForm({ what }: { what: Pick<NewShare, "fileId" | "folderId"> }) {
  const dataProvider = useDataProvider<ConsoleDataProvider>();
  const queries = useQueryClient();
  const notify = useNotify();
  // A new form for the next link: the one that was sent keeps its values otherwise.
  const [made, setMade] = useState(0);
  const { submit, error } = useSubmit<Values>(
    ["expiresAt", "password", "maxDownloads"],
    async ({ expiresAt, password, maxDownloads }) => {
      const ends = expiresAt ? new Date(expiresAt).toISOString() : undefined;
      const limits = {
        expiresAt: ends,
        password: password ?? undefined,
        maxDownloads: maxDownloads ?? undefined,
      };
      await dataProvider.create("shares", { data: { ...what, ...definedOnly(limits) } });
      await queries.invalidateQueries({ queryKey: ["shares"] });
      notify("Link made", { type: "success" });
      setMade((count) => count + 1);
    },
  );
  return (
    <Form key={made} onSubmit={submit} disableInvalidFormNotification noValidate>
      <Typography variant="body2" sx={{ color: "text.secondary", mb: 1.5 }}>
        Whoever has the link can open it without an account. These limits may be left empty.
      </Typography>
      {error && (
        <Alert severity="error" sx={{ mb: 1.5 }}>
          {error}
        </Alert>
      )}
      <DateTimeInput source="expiresAt" label="Ends at" helperText={false} />
      <Stack direction={{ xs: "column", sm: "row" }} sx={{ gap: { sm: 2 } }}>
        <PasswordInput
          source="password"
          label="Password"
          validate={isLongEnough}
          helperText={false}
          autoComplete="new-password"
        />
        <NumberInput
          source="maxDownloads"
          label="Most downloads"
          validate={isCount}
          min={1}
          step={1}
          helperText={false}
        />
      </Stack>
      {/* The button that made the last link is gone, and the focus with it. */}
      <SaveButton label="Make link" icon={<></>} alwaysEnable autoFocus={made > 0} sx={{ mt: 1, mb: 2 }} />
    </Form>
  );
}
