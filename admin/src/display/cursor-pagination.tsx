import ChevronLeft from "@mui/icons-material/ChevronLeft";
import ChevronRight from "@mui/icons-material/ChevronRight";
import { Box, IconButton } from "@mui/material";
import { Pagination, useListContext, useListPaginationContext } from "react-admin";

/** Back and forward only: the API pages by cursor, so page 400 is 400 steps away. */
export function CursorPagination({ onlyIfNeeded = false }: { onlyIfNeeded?: boolean }) {
  const { hasPreviousPage, hasNextPage } = useListPaginationContext();
  const { error } = useListContext();
  if (error) return null;
  if (onlyIfNeeded && !hasPreviousPage && !hasNextPage) return null;
  return <Pagination rowsPerPageOptions={[10, 25, 50, 100]} actions={Steps} />;
}

function Steps() {
  const { page, setPage, hasPreviousPage, hasNextPage } = useListPaginationContext();
  return (
    <Box sx={{ flexShrink: 0, ml: 1 }}>
      <IconButton aria-label="Previous page" disabled={!hasPreviousPage} onClick={() => setPage(page - 1)}>
        <ChevronLeft />
      </IconButton>
      <IconButton aria-label="Next page" disabled={!hasNextPage} onClick={() => setPage(page + 1)}>
        <ChevronRight />
      </IconButton>
    </Box>
  );
}
