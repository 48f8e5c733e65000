import { Link } from "@mui/material";
import { Link as RouterLink } from "react-router-dom";

export function AccountLink({ to, children }: { to: string; children: string }) {
  return (
    <Link component={RouterLink} to={to} variant="body2" sx={{ py: 0.25 }}>
      {children}
    </Link>
  );
}
