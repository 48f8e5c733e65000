import { Box, Stack, Typography } from "@mui/material";
import { useListContext } from "react-admin";
import { ResourceLink } from "../display/resource-link.js";
import { Row, Rows } from "../display/rows.js";
import { When } from "../display/values.js";
import { actionWords, actorWords, changeWords, toldChanges } from "./audit-words.js";
import type { AuditRow } from "./audit.queries.js";

/** The pages that a target's kind has. */
const PAGES: Record<string, string> = { user: "users", file: "files", folder: "folders" };

/** Entries of the list or reference around it. */
export function AuditEntries() {
  const { data = [] } = useListContext<AuditRow>();
  return (
    <Rows label="Entries">
      {data.map((entry) => (
        <Row key={entry.id}>
          <Entry entry={entry} />
        </Row>
      ))}
    </Rows>
  );
}

function Entry({ entry }: { entry: AuditRow }) {
  const told = toldChanges(entry);
  return (
    <>
      <Stack direction="row" sx={{ justifyContent: "space-between", gap: 2 }}>
        <Typography variant="body2" component="div" sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
          <strong>{actionWords(entry.action)}</strong> <Target entry={entry} />
        </Typography>
        <Box sx={{ flexShrink: 0 }}>
          <When date={entry.at} />
        </Box>
      </Stack>
      {told.length > 0 && (
        <Box component="ul" sx={{ m: 0, my: 0.25, pl: 2.5, overflowWrap: "anywhere" }}>
          {told.map((one) => (
            <Typography key={one.field} component="li" variant="body2">
              {changeWords(one)}
            </Typography>
          ))}
        </Box>
      )}
      <Typography variant="body2" component="div" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
        by <Actor entry={entry} />
        {entry.address != null && ` from ${entry.address}`}
        {entry.reason != null && `, because: ${entry.reason}`}
      </Typography>
    </>
  );
}

function Actor({ entry }: { entry: AuditRow }) {
  if (entry.actorId == null) return actorWords(entry);
  return (
    <ResourceLink resource="users" id={entry.actorId}>
      {actorWords(entry)}
    </ResourceLink>
  );
}

function Target({ entry: { action, targetKind, targetId, targetName } }: { entry: AuditRow }) {
  if (targetKind == null) return null;
  const name = targetName ?? targetId;
  const page = PAGES[targetKind];
  // The action says it mostly: "File archived".
  const kind = action.startsWith(targetKind) ? "" : `${targetKind.replaceAll("-", " ")} `;
  if (page === undefined || targetId == null) return `${kind}${name ?? ""}`;
  return (
    <>
      {kind}
      <ResourceLink resource={page} id={targetId}>
        {name}
      </ResourceLink>
    </>
  );
}
