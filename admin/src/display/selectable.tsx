import { ThemeProvider } from "@mui/material";
import type { Theme } from "@mui/material";
import type { ReactNode } from "react";

/** Around a table with rows to select: react-admin names the box around each checkbox and not the checkbox itself. */
export function Selectable({ children }: { children: ReactNode }) {
  return <ThemeProvider theme={withNamedCheckboxes}>{children}</ThemeProvider>;
}

function withNamedCheckboxes(outer: Theme): Theme {
  const slotProps = { root: { role: "group" }, input: { "aria-label": "Select this row" } };
  return {
    ...outer,
    components: { ...outer.components, MuiCheckbox: { defaultProps: { slotProps } } },
  };
}
