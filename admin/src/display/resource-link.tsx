import { Link } from "@mui/material";
import { useCreatePath } from "react-admin";
import type { ReactNode } from "react";
import { Link as RouterLink } from "react-router-dom";
import { THING, thingMark } from "../places/dragged.js";

interface ResourceLinkProps {
  resource: string;
  id: string;
  children: ReactNode;
}

/** A real link to a record: a click on a table row cannot be reached by keyboard. */
export function ResourceLink({ resource, id, children }: ResourceLinkProps) {
  const createPath = useCreatePath();
  return (
    <Link
      variant="body2"
      component={RouterLink}
      to={createPath({ resource, id, type: "show" })}
      {...{ [THING]: thingMark(resource, id) }}
      onClick={(event) => event.stopPropagation()}
      sx={{ fontWeight: 600, overflowWrap: "anywhere", display: "inline-block", py: 0.25 }}
    >
      {children}
    </Link>
  );
}
