/** Lets one caller leave without ending the work that others wait for as well. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener("abort", leave);
  });
  try {
    return await Promise.race([work, left]);
  } finally {
    if (leave) signal.removeEventListener("abort", leave);
  }
}
