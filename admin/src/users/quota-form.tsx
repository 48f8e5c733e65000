import { Button, Typography } from "@mui/material";
import { useQueryClient } from "@tanstack/react-query";
import { Form, NumberInput, useNotify } from "react-admin";
import { useState } from "react";
import { Outcome } from "../account/outcome.js";
import { useSubmit } from "../account/use-submit.js";
import { isOutdated, messageOf } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";
import { Outdated } from "./outdated.js";
import { fromGib, quotaWords, toGib } from "./quota.js";
import { setUserQuota } from "./user.calls.js";
import type { UserDetails } from "./user.queries.js";

/** As the fields hold them: sizes in GiB; null gives the role's number back. */
interface Numbers {
  bytes: number | null;
  files: number | null;
  fileBytes: number | null;
  transfers: number | null;
}

/** An account's own limits, beside its role's. What is edited are those that were loaded. */
export function QuotaForm({ user, onLoad }: { user: UserDetails; onLoad: () => Promise<void> }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [outdated, setOutdated] = useState<string>();
  const fields = ["bytes", "files", "fileBytes", "transfers"];
  const { submit, pending, error } = useSubmit<Numbers>(fields, async (numbers) => {
    try {
      await setUserQuota(user, {
        bytes: fromGib(numbers.bytes),
        files: numbers.files,
        fileBytes: fromGib(numbers.fileBytes),
        transfers: numbers.transfers,
      });
    } catch (failure) {
      if (!isOutdated(failure)) throw failure;
      setOutdated(messageOf(failure));
      return;
    }
    notify("The quota is changed", { type: "success" });
    await readAllAgain(queries);
    await onLoad();
  });
  const { bytes, files, fileBytes, transfers } = user.ownQuota;
  const own = {
    bytes: toGib(bytes),
    files: files ?? null,
    fileBytes: toGib(fileBytes),
    transfers: transfers ?? null,
  };
  return (
    <Form onSubmit={submit} defaultValues={own} disableInvalidFormNotification noValidate>
      <Outcome error={error} done={undefined} />
      <Outdated message={outdated} onLoad={onLoad} />
      <Typography variant="body2" sx={{ mb: 1.5, color: "text.secondary" }}>
        A field that is left empty takes the role&apos;s number. In force now: {quotaWords(user.quota)}.
      </Typography>
      <NumberInput source="bytes" label="All files together (GiB)" min={0} helperText={false} />
      <NumberInput source="files" label="Number of files" min={0} step={1} helperText={false} />
      <NumberInput source="fileBytes" label="Largest file (GiB)" min={0} helperText={false} />
      <NumberInput source="transfers" label="Transfers at once" min={1} step={1} helperText={false} />
      <Button
        type="submit"
        variant="outlined"
        loading={pending}
        disabled={outdated !== undefined}
        sx={{ mt: 1, alignSelf: "flex-start" }}
      >
        Save quota
      </Button>
    </Form>
  );
}
