import { Alert, Box, Button, Stack, Typography } from "@mui/material";
import { useInfiniteQuery } from "@tanstack/react-query";
import { EmptyState } from "../display/list-states.js";
import { Row, Rows } from "../display/rows.js";
import { Section } from "../display/section.js";
import { StateChip } from "../display/state-chip.js";
import type { Tone } from "../display/tones.js";
import { Size, When } from "../display/values.js";
import { messageOf } from "../providers/errors.js";
import { fileParts } from "./file-parts.calls.js";
import type { PartRow } from "./file-parts.calls.js";

type Replica = PartRow["replicas"][number];

/** Where a file's bytes lie: every part with its copies. For administrators. */
export function FileParts({ fileId }: { fileId: string }) {
  const { data, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: ["file-parts", fileId],
    queryFn: ({ pageParam }) => fileParts(fileId, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ pageInfo }) =>
      pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined,
  });
  const total = data?.pages[0]?.totalCount;
  const parts = data?.pages.flatMap(({ nodes }) => nodes) ?? [];
  return (
    <Section title={total === undefined ? "Parts and copies" : `Parts and copies (${total})`} flush>
      {error && <Alert severity="error">{messageOf(error)}</Alert>}
      {data && parts.length === 0 && (
        <EmptyState
          title="No parts"
          text="An empty file has none; another one gets them when it is received."
        />
      )}
      <Rows label="Parts">
        {parts.map((part) => (
          <Row key={part.index}>
            <Part part={part} />
          </Row>
        ))}
      </Rows>
      {hasNextPage && (
        <Button loading={isFetching} onClick={() => void fetchNextPage()} sx={{ m: 1.5 }}>
          Show more parts
        </Button>
      )}
    </Section>
  );
}

function Part({ part: { index, size, replicas } }: { part: PartRow }) {
  return (
    <>
      <Typography variant="subtitle2" component="h3">
        Part {index + 1} · <Size bytes={size} />
      </Typography>
      {replicas.length === 0 && (
        <Typography variant="body2" sx={{ color: "text.secondary" }}>
          No copy in Telegram yet
        </Typography>
      )}
      {replicas.map((replica) => (
        <Stack
          key={`${replica.chat}/${replica.messageId}`}
          direction="row"
          sx={{ gap: 1, alignItems: "center", flexWrap: "wrap", py: 0.25 }}
        >
          <StateChip {...lookOf(replica)} />
          <Typography variant="body2" component="div" sx={{ overflowWrap: "anywhere" }}>
            message {replica.messageId} in chat {replica.chat}, by bot {replica.bot}
            {replica.verifiedAt != null && (
              <>
                , read back <When date={replica.verifiedAt} />
              </>
            )}
            <Box component="small" sx={{ display: "block", color: "text.secondary" }}>
              {replica.size.toLocaleString("en")} bytes with padding · file id {replica.fileId} · unique id{" "}
              {replica.fileUniqueId}
            </Box>
          </Typography>
        </Stack>
      ))}
    </>
  );
}

function lookOf({ verifiedAt, suspectAt }: Replica): { label: string; tone: Tone } {
  if (suspectAt != null) return { label: "Suspect", tone: "red" };
  return verifiedAt == null
    ? { label: "Not read back", tone: "amber" }
    : { label: "Verified", tone: "green" };
}
