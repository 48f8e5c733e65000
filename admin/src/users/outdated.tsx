import { Alert, Button } from "@mui/material";

/** Says that somebody else was faster, what is different by now, and offers that for editing. */
export function Outdated({ message, onLoad }: { message: string | undefined; onLoad: () => Promise<void> }) {
  if (message === undefined) return null;
  return (
    <Alert
      severity="warning"
      role="alert"
      sx={{ mb: 2 }}
      action={
        <Button color="inherit" onClick={() => void onLoad()}>
          Load again
        </Button>
      }
    >
      {message}
    </Alert>
  );
}
