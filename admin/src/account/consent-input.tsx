import { Checkbox, FormControlLabel, FormHelperText } from "@mui/material";
import { useInput, ValidationError } from "react-admin";
import { useId } from "react";
import type { ReactNode } from "react";

const isAccepted = (value: unknown) => (value === true ? undefined : "Needed to create an account");

/** A box to tick, empty at first: a consent that was not given by hand is none. */
export function ConsentInput({ source, label }: { source: string; label: ReactNode }) {
  const { field, fieldState } = useInput<boolean>({ source, validate: isAccepted, defaultValue: false });
  const errorId = useId();
  const error = fieldState.error?.message;
  return (
    <>
      <FormControlLabel
        label={label}
        control={
          <Checkbox
            checked={field.value === true}
            // From the event itself react-admin would take the box's text, not its tick.
            onChange={(_, isTicked) => field.onChange(isTicked)}
            onBlur={field.onBlur}
            name={field.name}
            slotProps={{
              input: {
                ref: field.ref,
                "aria-required": true,
                ...(error && { "aria-invalid": true, "aria-describedby": errorId }),
              },
            }}
          />
        }
        slotProps={{ typography: { variant: "body2" } }}
      />
      {error && (
        <FormHelperText id={errorId} error sx={{ mt: -0.5, ml: 4 }}>
          <ValidationError error={error} />
        </FormHelperText>
      )}
    </>
  );
}
