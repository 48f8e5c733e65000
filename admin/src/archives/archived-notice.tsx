import { Alert, Stack } from "@mui/material";
import { When } from "../display/values.js";
import type { ThingKind } from "./archive.queries.js";
import { PurgeButton } from "./purge-button.js";
import { RestoreButton } from "./restore-button.js";

interface ArchivedNoticeProps {
  kind: ThingKind;
  thing: {
    id: string;
    name: string;
    archivedAt?: string | null;
    archivedBy?: string | null;
    archivedReason?: string | null;
    expiresAt?: string | null;
  };
}

/** Says on the page of an archived thing who archived it, when and why, until when it is kept, and what can be done. */
export function ArchivedNotice({ kind, thing }: ArchivedNoticeProps) {
  const { id, name, archivedAt, archivedBy, archivedReason, expiresAt } = thing;
  if (archivedAt == null) return null;
  return (
    <Alert
      severity="warning"
      sx={{
        mb: kind === "file" ? 2 : 0,
        flexWrap: "wrap",
        "& .MuiAlert-message": { flex: "1 1 14rem", overflowWrap: "anywhere" },
      }}
      action={
        <Stack direction="row" sx={{ gap: 1 }}>
          <RestoreButton kind={kind} ids={[id]} what={name} />
          <PurgeButton kind={kind} ids={[id]} proof={name} />
        </Stack>
      }
    >
      Archived <When date={archivedAt} />
      {archivedBy != null && ` by ${archivedBy}`}
      {archivedReason != null && `: ${archivedReason}`}.
      {expiresAt != null && (
        <>
          {" "}
          It is purged automatically <When date={expiresAt} />.
        </>
      )}
    </Alert>
  );
}
