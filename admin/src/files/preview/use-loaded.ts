import { useEffect, useState } from "react";
import { messageOf } from "../../providers/errors.js";

export type Loaded<T> =
  { state: "loading" } | { state: "ready"; value: T } | { state: "failed"; reason: string };

/** Loads something whenever `key` changes; what comes too late is dropped. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded<T> }>();
  useEffect(() => {
    const gone = new AbortController();
    const settle = (result: Loaded<T>) => {
      if (!gone.signal.aborted) setLoaded({ key, result });
    };
    load(gone.signal).then(
      (value) => settle({ state: "ready", value }),
      (error: unknown) => settle({ state: "failed", reason: messageOf(error) }),
    );
    return () => gone.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` says when what is loaded is another thing
  }, [key]);
  return loaded?.key === key ? loaded.result : { state: "loading" };
}

/** Fetches a link that carries its own permission. @throws Error with what the server says */
export async function fetched(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new Error(problem.detail ?? "The preview cannot be loaded now. Try again.");
}
