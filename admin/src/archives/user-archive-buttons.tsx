import { Stack } from "@mui/material";
import { ArchiveButton } from "./archive-button.js";
import { PurgeButton } from "./purge-button.js";
import { RestoreButton } from "./restore-button.js";

interface UserArchiveButtonsProps {
  user: { id: string; username: string; archivedAt?: string | null; purgingAt?: string | null };
}

/** What an administrator can do about an account being there: for its page or its row. */
export function UserArchiveButtons({ user }: UserArchiveButtonsProps) {
  const { id, username } = user;
  if (user.archivedAt == null) return <ArchiveButton kind="user" id={id} name={username} size="small" />;
  return (
    <Stack direction="row" sx={{ gap: 1 }}>
      {user.purgingAt == null && <RestoreButton kind="user" ids={[id]} what={username} />}
      <PurgeButton kind="user" ids={[id]} proof={username} />
    </Stack>
  );
}
