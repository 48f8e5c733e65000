import { Alert } from "@mui/material";

/** What a form of this page says above its fields. */
export function Outcome({ error, done }: { error: string | undefined; done: string | undefined }) {
  return (
    <div role="status">
      {error !== undefined && (
        <Alert severity="error" sx={{ mb: 2 }}>
          {error}
        </Alert>
      )}
      {error === undefined && done !== undefined && (
        <Alert severity="success" sx={{ mb: 2 }}>
          {done}
        </Alert>
      )}
    </div>
  );
}
