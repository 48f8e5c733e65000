const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** A number of bytes for people, such as `1.5 MiB`: in IEC units, as everywhere else. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))} ${UNITS[unit] ?? ""}`;
}
