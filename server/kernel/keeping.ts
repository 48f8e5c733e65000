/**
 * Does work for which a lease was taken, and keeps the lease meanwhile. One that cannot be kept is missed by the next
 * write, which has it in its filter.
 */
export async function keeping<T>(
  keep: () => Promise<unknown>,
  leaseMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const heartbeat = setInterval(() => {
    keep().catch(() => undefined);
  }, leaseMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
  }
}
