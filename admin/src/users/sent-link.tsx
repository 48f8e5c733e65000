import { Alert, Box, Stack, Typography } from "@mui/material";
import { CopyButton } from "../display/copy-button.js";
import { When } from "../display/values.js";
import type { SentLink } from "./user.calls.js";

/** What became of a link: mailed, or here to be handed over because there is no mail server. */
export function SentLinkNote({ link, email }: { link: SentLink; email: string }) {
  const { url, expiresAt } = link;
  if (url === undefined) {
    return (
      <Alert severity="success">
        The link is on its way to {email}. It works once, and ends <When date={expiresAt} />.
      </Alert>
    );
  }
  return (
    <Stack sx={{ gap: 1.5 }}>
      <Alert severity="info">
        No mail carries this link: give it to {email} yourself. It is shown only now, works once, and ends{" "}
        <When date={expiresAt} />.
      </Alert>
      <Stack direction="row" sx={{ gap: 1, alignItems: "center" }}>
        <Typography
          component="code"
          sx={{ fontSize: "0.82rem", fontFamily: "monospace", overflowWrap: "anywhere", userSelect: "all" }}
        >
          {url}
        </Typography>
        <Box sx={{ flexShrink: 0 }}>
          <CopyButton text={url} label="Copy the link" />
        </Box>
      </Stack>
    </Stack>
  );
}
