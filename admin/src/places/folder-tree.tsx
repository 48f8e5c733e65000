import ChevronRightIcon from "@mui/icons-material/ChevronRight";
import ExpandMoreIcon from "@mui/icons-material/ExpandMore";
import {
  Alert,
  Box,
  Button,
  FormControlLabel,
  IconButton,
  Radio,
  RadioGroup,
  Typography,
} from "@mui/material";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../providers/errors.js";
import { folderChoices } from "./place.calls.js";

/** The value that stands for the top; no folder has it for an id. */
const TOP = "top";

interface FolderTreeProps {
  /** Undefined while nothing is chosen, null for the top. */
  value: string | null | undefined;
  onChange: (folderId: string | null) => void;
  /** Folders that cannot be chosen, nor anything in them: nothing is moved into itself. */
  without: readonly string[];
}

/** The viewer's folders, to choose one. What is in a folder is loaded when it is opened. */
export function FolderTree({ value, onChange, without }: FolderTreeProps) {
  return (
    <RadioGroup
      aria-label="Folder"
      value={value === null ? TOP : (value ?? "")}
      onChange={(_, chosen) => onChange(chosen === TOP ? null : chosen)}
    >
      <FormControlLabel value={TOP} control={<Radio size="small" />} label="Files, at the top" />
      <Branch parentId={undefined} without={without} />
    </RadioGroup>
  );
}

interface BranchProps {
  parentId: string | undefined;
  without: readonly string[];
}

function Branch({ parentId, without }: BranchProps) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["folder-choices", parentId],
    queryFn: ({ pageParam }) => folderChoices(parentId, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ pageInfo }) =>
      pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined,
  });
  if (error) return <Alert severity="error">{messageOf(error)}</Alert>;
  const folders = data?.pages.flatMap(({ nodes }) => nodes) ?? [];
  return (
    <>
      {folders.length === 0 && (
        <Typography variant="body2" sx={{ color: "text.secondary", pl: 4.5, py: 0.5 }}>
          {isPending ? "Loading…" : "No folders here"}
        </Typography>
      )}
      <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, pl: parentId === undefined ? 0 : 2.5 }}>
        {folders.map((folder) => (
          <FolderNode key={folder.id} {...folder} without={without} />
        ))}
      </Box>
      {hasNextPage && (
        <Button size="small" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

interface FolderNodeProps {
  id: string;
  name: string;
  without: readonly string[];
}

function FolderNode({ id, name, without }: FolderNodeProps) {
  const [open, setOpen] = useState(false);
  const isOut = without.includes(id);
  return (
    <Box component="li">
      <Box sx={{ display: "flex", alignItems: "center" }}>
        <IconButton
          size="small"
          aria-label={`Folders in ${name}`}
          aria-expanded={open}
          disabled={isOut}
          onClick={() => setOpen(!open)}
        >
          {open ? <ExpandMoreIcon fontSize="small" /> : <ChevronRightIcon fontSize="small" />}
        </IconButton>
        <FormControlLabel
          value={id}
          disabled={isOut}
          control={<Radio size="small" />}
          label={name}
          sx={{ ml: 0, minWidth: 0, "& .MuiFormControlLabel-label": { overflowWrap: "anywhere" } }}
        />
      </Box>
      {open && <Branch parentId={id} without={without} />}
    </Box>
  );
}
