import { Box, Button, Stack, Typography } from "@mui/material";
import { useState } from "react";
import { CopyButton } from "../display/copy-button.js";
import { StateChip } from "../display/state-chip.js";
import { SHARE_LINK_STATES } from "../display/tones.js";
import { When } from "../display/values.js";
import { RevokeShareButton } from "./revoke-share-button.js";
import { ShareAccesses } from "./share-accesses.js";
import type { ShareRow } from "./share.queries.js";

/** A link with its address and limits, and what its owner can do with it. */
export function ShareCard({ share }: { share: ShareRow }) {
  const [showing, setShowing] = useState(false);
  const { url, state } = share;
  return (
    <Box sx={{ borderTop: 1, borderColor: "divider", py: 1.5 }}>
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", flexWrap: "wrap" }}>
        <StateChip {...SHARE_LINK_STATES[state]} />
        <ShareFacts share={share} />
      </Stack>
      {state === "ACTIVE" && (
        <Stack direction="row" sx={{ alignItems: "center", gap: 0.5, mt: 0.5 }}>
          <Box component="code" sx={{ fontSize: "0.82rem", overflowWrap: "anywhere", minWidth: 0 }}>
            {url}
          </Box>
          <CopyButton text={url} label="Copy link" />
        </Stack>
      )}
      <Stack direction="row" sx={{ gap: 1, mt: 0.5, flexWrap: "wrap" }}>
        <Button size="small" aria-expanded={showing} onClick={() => setShowing(!showing)}>
          {showing ? "Hide who used it" : "Who used it"}
        </Button>
        <RevokeShareButton share={share} />
      </Stack>
      {showing && <ShareAccesses id={share.id} />}
    </Box>
  );
}

/** "2 of 5 downloads · password · ends in 3 days". */
export function ShareFacts({ share }: { share: ShareRow }) {
  const { downloads, maxDownloads, hasPassword, expiresAt, createdAt } = share;
  const noun = (maxDownloads ?? downloads) === 1 ? "download" : "downloads";
  const counted = maxDownloads == null ? `${downloads} ${noun}` : `${downloads} of ${maxDownloads} ${noun}`;
  return (
    <Typography component="span" variant="body2" sx={{ color: "text.secondary" }}>
      {counted}
      {hasPassword && " · with password"} · made <When date={createdAt} />
      {expiresAt && (
        <> · until {new Date(expiresAt).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" })}</>
      )}
    </Typography>
  );
}
