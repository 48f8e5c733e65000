import { hasRole } from "../kernel/context.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { forbidden, unauthenticated } from "../kernel/errors.js";

/** @throws AppError UNAUTHENTICATED or FORBIDDEN for everybody who is no administrator */
export function requireAdministrator(viewer: Viewer): SignedInViewer {
  if (hasRole(viewer, "ADMIN")) return viewer;
  throw viewer.kind === "anonymous" ? unauthenticated() : forbidden("This needs the role ADMIN.");
}
