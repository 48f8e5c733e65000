import LinkIcon from "@mui/icons-material/Link";
import { Box, Stack, Typography } from "@mui/material";
import { List, useListContext } from "react-admin";
import { CursorPagination } from "../display/cursor-pagination.js";
import { EmptyState, ListFailure, SHOWN_IN_PLACE } from "../display/list-states.js";
import { ResourceLink } from "../display/resource-link.js";
import { ShareCard } from "./share-card.js";
import type { ShareRow } from "./share.queries.js";

/** All links of the viewer, ended ones too. */
export function ShareList() {
  return (
    <List
      title="Share links"
      actions={false}
      exporter={false}
      perPage={25}
      pagination={<CursorPagination onlyIfNeeded />}
      empty={<NoShares />}
      error={<ListFailure />}
      queryOptions={SHOWN_IN_PLACE}
    >
      <ShareCards />
    </List>
  );
}

function ShareCards() {
  const { data = [] } = useListContext<ShareRow>();
  return (
    <Stack component="ul" sx={{ listStyle: "none", m: 0, px: 2, py: 0 }}>
      {data.map((share) => (
        <Box component="li" key={share.id} sx={{ pt: 1.5 }}>
          <Target share={share} />
          <ShareCard share={share} />
        </Box>
      ))}
    </Stack>
  );
}

function Target({ share: { file, folder } }: { share: ShareRow }) {
  if (file) {
    return (
      <ResourceLink resource="files" id={file.id}>
        {file.name}
      </ResourceLink>
    );
  }
  if (folder) {
    return (
      <ResourceLink resource="folders" id={folder.id}>
        {folder.name}
      </ResourceLink>
    );
  }
  return <Typography variant="body2">Something that is gone</Typography>;
}

function NoShares() {
  return (
    <EmptyState
      icon={<LinkIcon />}
      title="No share links yet"
      text="A share link lets somebody without an account fetch a file or folder. Make one on its page."
    />
  );
}
