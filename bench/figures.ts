/** What a figure must be for the claim it stands for to hold. */
export interface Target {
  readonly of: "value" | "ratio";
  readonly is: "<=" | ">=";
  readonly bound: number;
}

/** One measured figure, in the form in which scripts read it. */
export interface Figure {
  readonly bench: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** The same figure of the peer or rule it is held against, measured in the same run. */
  readonly limit: number | null;
  /** value / limit */
  readonly ratio: number | null;
  /** Least and greatest ratio of a single round; of the value where there is no limit. */
  readonly spread: readonly [number, number] | null;
  readonly target: Target | null;
}

export type Label = Pick<Figure, "bench" | "metric" | "unit"> & { readonly target?: Target };

export function atMost(bound: number, of: Target["of"] = "ratio"): Target {
  return { of, is: "<=", bound };
}

export function atLeast(bound: number, of: Target["of"] = "ratio"): Target {
  return { of, is: ">=", bound };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = NaN, above = NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (below + above) / 2;
}

/** Holds a subject's rounds against its limit's rounds: the ratio of medians, and how far single rounds lie apart. */
export function compare(label: Label, values: readonly number[], limits: readonly number[]): Figure {
  const { target = null, ...rest } = label;
  const [value, limit] = [median(values), median(limits)];
  const ratios = values.map((one, round) => one / (limits[round] ?? NaN));
  return { ...rest, target, value, limit, ratio: value / limit, spread: spreadOf(ratios) };
}

/** A figure with a bound of its own, or none. */
export function record(label: Label, values: readonly number[]): Figure {
  const { target = null, ...rest } = label;
  return { ...rest, target, value: median(values), limit: null, ratio: null, spread: spreadOf(values) };
}

/** Whether the claim holds; undefined where nothing is claimed. */
export function holds({ value, ratio, target }: Figure): boolean | undefined {
  if (target === null) return undefined;
  const measured = target.of === "value" ? value : (ratio ?? NaN);
  return target.is === "<=" ? measured <= target.bound : measured >= target.bound;
}

const HEADINGS = ["", "", "measured", "limit", "ratio", "spread", "target", ""];

/** The figures as people read them. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...figures.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const aligned = rows.map((row) =>
    row.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return aligned.map((row) => row.join("  ").trimEnd()).join("\n");
}

function rowOf(figure: Figure): string[] {
  const { bench, metric, value, unit, limit, ratio, spread, target } = figure;
  const verdict = holds(figure);
  return [
    bench,
    metric,
    `${short(value)} ${unit}`,
    limit === null ? "" : `${short(limit)} ${unit}`,
    ratio === null ? "" : ratio.toFixed(2),
    spread === null ? "" : `${short(spread[0])}..${short(spread[1])}`,
    target === null ? "" : `${target.is} ${target.bound}`,
    verdict === undefined ? "" : verdict ? "holds" : "MISSED",
  ];
}

function spreadOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
