import { Breadcrumbs, Link, Typography } from "@mui/material";
import { useGetIdentity } from "react-admin";
import { Link as RouterLink } from "react-router-dom";
import { ResourceLink } from "../display/resource-link.js";
import { THING, TOP } from "../places/dragged.js";
import type { FolderQuery } from "../generated/graphql.js";
import type { FolderRow } from "./folder.queries.js";

interface FolderBreadcrumbsProps {
  folder: Pick<FolderRow, "name" | "owner"> & { path?: FolderQuery["folderPath"] };
}

/** The way from the top to a folder; each step leads there. */
export function FolderBreadcrumbs({ folder: { name, owner, path = [] } }: FolderBreadcrumbsProps) {
  const { identity } = useGetIdentity();
  const isForeign = owner != null && identity !== undefined && owner.id !== identity.id;
  return (
    <Breadcrumbs
      aria-label="Folders"
      maxItems={6}
      itemsAfterCollapse={3}
      sx={{ "& .MuiBreadcrumbs-li": { minWidth: 0, overflowWrap: "anywhere" } }}
    >
      <Link
        component={RouterLink}
        variant="body2"
        {...(!isForeign && { [THING]: TOP })}
        to={filesAt(isForeign ? { ownerId: owner.id } : {})}
        sx={{ fontWeight: 600, display: "inline-block", py: 0.25 }}
      >
        {isForeign ? `Files of ${owner.username}` : "Files"}
      </Link>
      {path.slice(0, -1).map((folder) => (
        <ResourceLink key={folder.id} resource="folders" id={folder.id}>
          {folder.name}
        </ResourceLink>
      ))}
      <Typography variant="body2" aria-current="page" sx={{ color: "text.secondary" }}>
        {name}
      </Typography>
    </Breadcrumbs>
  );
}

/** The list of files under a filter. It has to be said even when it is empty: the list keeps its last one. */
function filesAt(filter: { ownerId?: string }): string {
  return `/files?filter=${encodeURIComponent(JSON.stringify(filter))}`;
}
