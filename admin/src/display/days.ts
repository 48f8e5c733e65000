/** The first moment of a day such as "2026-11-22", in the browser's time zone; undefined for no day. */
export function startOfDay(day: string | undefined): string | undefined {
  return momentOf(day, 0);
}

/** The first moment after that day, for "until this day, and with it". */
export function endOfDay(day: string | undefined): string | undefined {
  return momentOf(day, 1);
}

function momentOf(day: string | undefined, daysLater: number): string | undefined {
  if (!day) return undefined;
  const at = new Date(`${day}T00:00:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  at.setDate(at.getDate() + daysLater);
  return at.toISOString();
}
