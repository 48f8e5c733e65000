import { useState } from "react";
import { fieldAtFault, messageOf } from "../providers/errors.js";

type Answer = Record<string, string> | undefined;

/**
 * Sends a form. A failure that names one of the form's fields is shown at that field, any other above the form.
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
      const field = fieldAtFault(failure);
      if (field !== undefined && fields.includes(field)) return { [field]: messageOf(failure) };
      setError(messageOf(failure));
      return undefined;
    } finally {
      setPending(false);
    }
  };
  // react-admin's Form passes untyped values.
  return { submit: (values: unknown) => submit(values as Values), pending, error };
}
