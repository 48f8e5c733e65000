import AudioFileIcon from "@mui/icons-material/AudioFileOutlined";
import CodeIcon from "@mui/icons-material/CodeOutlined";
import ImageIcon from "@mui/icons-material/ImageOutlined";
import InsertDriveFileIcon from "@mui/icons-material/InsertDriveFileOutlined";
import PictureAsPdfIcon from "@mui/icons-material/PictureAsPdfOutlined";
import ArticleIcon from "@mui/icons-material/ArticleOutlined";
import VideoFileIcon from "@mui/icons-material/VideoFileOutlined";
import { Box } from "@mui/material";
import type { SvgIconComponent } from "@mui/icons-material";
import { useState } from "react";
import type { PreviewKind } from "../../generated/graphql.js";
import type { FileRow } from "../file.queries.js";
import { onThisHost } from "../follow-link.js";

const ICONS: Record<PreviewKind, SvgIconComponent> = {
  IMAGE: ImageIcon,
  VIDEO: VideoFileIcon,
  AUDIO: AudioFileIcon,
  PDF: PictureAsPdfIcon,
  TEXT: ArticleIcon,
  CODE: CodeIcon,
  MARKDOWN: ArticleIcon,
  UNSUPPORTED: InsertDriveFileIcon,
};

const SIZE = 40;
/** Of a tile, and of the picture that is asked for: one of those that the server makes. */
const LARGE = { height: 120, asked: 512 };

/** The file's picture when it has one, else a sign of its kind. Decoration: the name beside it says what it is. */
export function Thumbnail({ file, large = false }: { file: FileRow; large?: boolean }) {
  const { kind, thumbnailUrl } = file.preview;
  // Every answer of the list signs the link anew; the picture stays the one it is.
  const [shown] = useState(thumbnailUrl);
  const [failed, setFailed] = useState(false);
  const Icon = ICONS[kind];
  const url = shown ?? thumbnailUrl;
  return (
    <Box
      aria-hidden
      sx={{
        width: large ? "100%" : SIZE,
        height: large ? LARGE.height : SIZE,
        flexShrink: 0,
        borderRadius: large ? 0 : 1,
        overflow: "hidden",
        display: "grid",
        placeItems: "center",
        bgcolor: "action.hover",
        color: "text.secondary",
      }}
    >
      {url && !failed ? (
        <img
          src={onThisHost(url) + (large ? `&size=${LARGE.asked}` : "")}
          alt=""
          loading="lazy"
          draggable={false}
          style={{ objectFit: "cover", width: "100%", height: "100%" }}
          onError={() => setFailed(true)}
        />
      ) : (
        <Icon fontSize={large ? "large" : "small"} />
      )}
    </Box>
  );
}
