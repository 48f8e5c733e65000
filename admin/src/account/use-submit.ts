import { useState } from "react";
import { faultsOf, messageOf } from "../providers/errors.js";

type Answer = Readonly<Record<string, string>> | undefined;

/**
 * Sends a form. A failure that names fields of the form is shown at those fields, any other above the form.
 * Guards against a second click while the first is on its way.
 */
export function useSubmit<Values>(fields: readonly string[], send: (values: Values) => Promise<void>) {
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState(false);

  const submit = async (values: Values): Promise<Answer> => {
    if (pending) return undefined;
    setPending(true);
    setError(undefined);
    try {
      await send(values);
      return undefined;
    } catch (failure) {
      const faults = faultsOf(failure);
      const names = Object.keys(faults);
      if (names.length > 0 && names.every((name) => fields.includes(name))) return faults;
      setError(messageOf(failure));
      return undefined;
    } finally {
      setPending(false);
    }
  };
  // react-admin's Form passes untyped values.
  return { submit: (values: unknown) => submit(values as Values), pending, error };
}
