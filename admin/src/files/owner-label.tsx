import { Stack } from "@mui/material";
import { ResourceLink } from "../display/resource-link.js";
import { StateChip } from "../display/state-chip.js";
import { ROLES } from "../users/roles.js";
import type { FileRow } from "./file.queries.js";

/** Whose a file is, with the role; for administrators. What came without an account is nobody's. */
export function OwnerLabel({ owner }: { owner: FileRow["owner"] }) {
  if (!owner) return "Anonymous";
  return (
    <Stack direction="row" sx={{ gap: 0.75, alignItems: "center", flexWrap: "wrap", minWidth: 120 }}>
      <ResourceLink resource="users" id={owner.id}>
        {owner.username}
      </ResourceLink>
      {owner.role !== "FREE" && <StateChip {...ROLES[owner.role]} />}
      {owner.archivedAt != null && <StateChip label="Archived" tone="orange" />}
    </Stack>
  );
}
