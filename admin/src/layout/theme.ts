import { alpha } from "@mui/material/styles";
import type { PaletteOptions, ThemeOptions } from "@mui/material/styles";
import { defaultDarkTheme, defaultLightTheme } from "react-admin";
import type { RaThemeOptions } from "react-admin";

// Fonts of the machine it runs on: the console fetches nothing from anywhere else.
const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

interface Colours {
  base: ThemeOptions;
  primary: string;
  onPrimary: string;
  page: string;
  paper: string;
  text: string;
  muted: string;
  line: string;
  /** Of messages and notifications: MUI's own are under 4.5 : 1 in places. */
  status: Pick<PaletteOptions, "error" | "warning" | "info" | "success">;
}

export const lightTheme = themeOf({
  base: defaultLightTheme,
  primary: "#1f5fbf",
  onPrimary: "#ffffff",
  page: "#f4f6f9",
  paper: "#ffffff",
  text: "#1b2430",
  muted: "#525e6f",
  line: "#dde2ea",
  status: {
    error: { main: "#c22a2a" },
    warning: { main: "#965500" },
    info: { main: "#1f5fbf" },
    success: { main: "#24742f" },
  },
});

export const darkTheme = themeOf({
  base: defaultDarkTheme,
  primary: "#8ab8ff",
  onPrimary: "#0b1a30",
  page: "#10151c",
  paper: "#19202a",
  text: "#e6ebf2",
  muted: "#a7b2c2",
  line: "#2c3644",
  status: {
    error: { main: "#ff9089", contrastText: "#330a08" },
    warning: { main: "#f3b752", contrastText: "#2b1d02" },
    info: { main: "#8ab8ff", contrastText: "#0b1a30" },
    success: { main: "#7fce93", contrastText: "#06210d" },
  },
});

function themeOf(colours: Colours): RaThemeOptions {
  const { base, primary, onPrimary, page, paper, text, muted, line, status } = colours;
  return {
    ...base,
    palette: {
      ...base.palette,
      primary: { main: primary, contrastText: onPrimary },
      secondary: { main: primary, contrastText: onPrimary },
      background: { default: page, paper },
      text: { primary: text, secondary: muted },
      divider: line,
      ...status,
    },
    shape: { borderRadius: 8 },
    typography: {
      fontFamily,
      fontSize: 14,
      h5: { fontSize: "1.35rem", fontWeight: 600, letterSpacing: "-0.01em" },
      h6: { fontSize: "1.05rem", fontWeight: 600 },
      subtitle2: { fontWeight: 600 },
      button: { textTransform: "none", fontWeight: 600 },
    },
    sidebar: { width: 208, closedWidth: 52 },
    components: { ...base.components, ...componentsOf(colours) },
  };
}

/** Of a table, in pixels. */
const HEAD = 37;

function componentsOf({ primary, line, muted }: Colours): NonNullable<RaThemeOptions["components"]> {
  return {
    MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
    MuiCard: {
      defaultProps: { elevation: 0 },
      // Clipped and not hidden: what is hidden scrolls by itself, and nothing inside could stay in sight.
      styleOverrides: { root: { border: `1px solid ${line}`, overflow: "clip" } },
    },
    // An address or a name that does not fit would be cut off.
    MuiAlert: { styleOverrides: { message: { minWidth: 0, overflowWrap: "anywhere" } } },
    MuiTextField: { defaultProps: { variant: "outlined", size: "small", margin: "dense", fullWidth: true } },
    MuiFormControl: {
      defaultProps: { variant: "outlined", size: "small", margin: "dense", fullWidth: true },
    },
    // react-admin shows one in the bar while it loads, without a name.
    MuiCircularProgress: { defaultProps: { "aria-label": "Loading" } },
    ...buttonsOf(primary),
    // On a phone two long answers do not fit beside each other.
    MuiDialogActions: {
      styleOverrides: {
        root: { flexWrap: "wrap", rowGap: 4, "& .MuiButton-root": { whiteSpace: "nowrap" } },
      },
    },
    MuiLink: { defaultProps: { underline: "hover" } },
    MuiTableCell: {
      styleOverrides: {
        root: { borderBottomColor: line },
        head: { color: muted, fontWeight: 600, fontSize: "0.8rem" },
      },
    },
    // Over the table's head: above it, it would be cut off by the card. Folded away it must not take the keyboard.
    RaBulkActionsToolbar: {
      styleOverrides: {
        root: {
          "& .RaBulkActionsToolbar-toolbar": { transform: "none" },
          "& .RaBulkActionsToolbar-toolbar:not(.RaBulkActionsToolbar-collapsed)": {
            minHeight: HEAD,
            height: HEAD,
          },
          "& .RaBulkActionsToolbar-topToolbar": { padding: 0 },
          "& .RaBulkActionsToolbar-collapsed": { visibility: "hidden" },
        },
      },
    },
    MuiTableSortLabel: { styleOverrides: { root: { minHeight: 24 } } },
    MuiTooltip: { defaultProps: { enterDelay: 300 } },
    // MUI's own grey label is under 4.5 : 1 on a grey page.
    MuiTablePagination: { styleOverrides: { root: { color: muted } } },
    RaLayout: {
      styleOverrides: {
        // Without this the page grows with its widest table and scrolls sideways on a phone.
        root: {
          minWidth: 0,
          "& .RaLayout-content": { minWidth: 0, paddingBottom: "5rem" },
          // Places that get the focus of what was in them are no controls.
          "& [tabindex='-1']:focus": { outline: "none" },
        },
      },
    },
    // On a phone both would be a white block on the grey page.
    RaListToolbar: { styleOverrides: { root: { backgroundColor: "transparent !important", gap: 8 } } },
    RaTopToolbar: { styleOverrides: { root: { backgroundColor: "transparent !important" } } },
    RaMenuItemLink: {
      styleOverrides: {
        root: {
          borderRadius: 8,
          margin: "2px 8px",
          paddingLeft: 10,
          "&.RaMenuItemLink-active": {
            color: primary,
            backgroundColor: alpha(primary, 0.12),
            fontWeight: 600,
          },
          "&.RaMenuItemLink-active .RaMenuItemLink-icon": { color: primary },
        },
      },
    },
  };
}

/** A ripple alone is hard to find, and stands still for those who want no movement: what has the focus has a line. */
function buttonsOf(primary: string): NonNullable<RaThemeOptions["components"]> {
  return {
    MuiButton: {
      defaultProps: { disableElevation: true },
      styleOverrides: { root: { "&.Mui-focusVisible": { outlineOffset: 2 } } },
    },
    // Inside, where nothing around it cuts it off.
    MuiButtonBase: {
      styleOverrides: {
        root: { "&.Mui-focusVisible": { outline: `2px solid ${primary}`, outlineOffset: -2 } },
      },
    },
  };
}
