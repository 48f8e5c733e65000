import { Alert, Box, Typography } from "@mui/material";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { fetched, useLoaded } from "./use-loaded.js";
import { Waiting } from "./waiting.js";

interface TextPreviewProps {
  url: string;
  name: string;
  isMarkdown: boolean;
}

/** The beginning of a text. Markdown is drawn as elements of our own: no HTML in it counts, and no picture is fetched. */
export function TextPreview({ url, name, isMarkdown }: TextPreviewProps) {
  const loaded = useLoaded(url, async (signal) => {
    const response = await fetched(url, signal);
    return { text: await response.text(), isCut: response.headers.get("x-preview-cut") === "true" };
  });
  if (loaded.state === "loading") return <Waiting />;
  if (loaded.state === "failed") return <Alert severity="error">{loaded.reason}</Alert>;
  const { text, isCut } = loaded.value;
  return (
    <Box
      role="region"
      aria-label={`Text of ${name}`}
      tabIndex={0}
      sx={{ maxHeight: "70vh", overflow: "auto" }}
    >
      {isMarkdown ? <Drawn text={text} /> : <Plain text={text} />}
      {isCut && (
        <Typography variant="body2" sx={{ color: "text.secondary", mt: 1 }}>
          Only the first 256 KiB are shown. Download the file to see all of it.
        </Typography>
      )}
    </Box>
  );
}

function Plain({ text }: { text: string }) {
  return (
    <Box
      component="pre"
      sx={{ m: 0, p: 1.5, bgcolor: "action.hover", borderRadius: 1, fontSize: "0.82rem", overflowX: "auto" }}
    >
      {text === "" ? "(empty)" : text}
    </Box>
  );
}

function Drawn({ text }: { text: string }) {
  return (
    <Box
      sx={{
        overflowWrap: "anywhere",
        "& pre": { overflowX: "auto", p: 1.5, bgcolor: "action.hover", borderRadius: 1 },
        "& table": { borderCollapse: "collapse" },
        "& th, & td": { border: 1, borderColor: "divider", px: 1, py: 0.5 },
        "& a": { color: "primary.main" },
      }}
    >
      <Markdown remarkPlugins={[remarkGfm]} disallowedElements={["img"]} components={{ a: OutsideLink }}>
        {text}
      </Markdown>
    </Box>
  );
}

function OutsideLink({ href, children }: { href?: string | undefined; children?: React.ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}
