import { useEffect, useState } from "react";
import { watchCounters } from "../providers/live.js";
import type { Counters } from "./statistics.documents.js";

/** The dashboard's numbers, pushed by the server as they change; undefined until the first have come. */
export function useCounters(): Counters | undefined {
  const [counters, setCounters] = useState<Counters>();
  useEffect(() => watchCounters(setCounters), []);
  return counters;
}
