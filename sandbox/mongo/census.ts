let counts: Map<string, number> | undefined;

/** Notes one use of a command, operator or stage, by a name such as `query:$in`, in the census now open. */
export function seen(name: string): void {
  counts?.set(name, (counts.get(name) ?? 0) + 1);
}

/** Runs `work`, which must be synchronous, so that what it uses is counted in `into`. */
export function counting<T>(into: Map<string, number>, work: () => T): T {
  counts = into;
  try {
    return work();
  } finally {
    counts = undefined;
  }
}
