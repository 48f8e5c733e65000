import { Box, Typography } from "@mui/material";
import { Fragment } from "react";
import { ResourceLink } from "../display/resource-link.js";
import type { FolderRow } from "./folder.queries.js";

/** Where a folder lies that was found wherever it is; each step leads there. */
export function FolderPlace({ folder: { path } }: { folder: FolderRow }) {
  if (path === undefined) return null;
  return (
    <Typography variant="body2" component="div" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
      {path.length === 0 && "At the top"}
      {path.map(({ id, name }, index) => (
        <Fragment key={id}>
          {index === 0 ? "In " : <Box component="span">{" / "}</Box>}
          <ResourceLink resource="folders" id={id}>
            {name}
          </ResourceLink>
        </Fragment>
      ))}
    </Typography>
  );
}
