import { Link } from "@mui/material";
import { formatBytes } from "../display/format.js";
import type { ServiceQuery } from "../generated/graphql.js";

interface DropLinkProps {
  terms: NonNullable<ServiceQuery["service"]["anonymousUploads"]>;
}

/** To the page for uploads without an account, which is not part of the console. */
export function DropLink({ terms: { days, fileBytes } }: DropLinkProps) {
  const limit = fileBytes == null ? "" : `, up to ${formatBytes(fileBytes)} each`;
  return (
    <Link href="/drop" variant="body2" sx={{ py: 0.25 }}>
      Drop files without an account{limit}, for {days === 1 ? "a day" : `${days} days`}
    </Link>
  );
}
