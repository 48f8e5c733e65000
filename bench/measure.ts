import { readFileSync, readdirSync } from "node:fs";

/** What some work cost: time on the clock, and processor time of the process that did it. */
export interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Runs `work`, which makes the process `pid` do something, and tells what it cost that process. */
export async function costOf(pid: number, work: () => Promise<unknown>): Promise<Cost> {
  const cpu = cpuSeconds(pid);
  const begun = performance.now();
  await work();
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: cpuSeconds(pid) - cpu };
}

/**
 * Runs each subject once a round, so that whatever else this machine does meets all of them alike. A round before
 * the first warms them up and is not counted.
 */
export async function interleaved<Name extends string, Sample>(
  rounds: number,
  subjects: Readonly<Record<Name, () => Promise<Sample>>>,
): Promise<Record<Name, Sample[]>> {
  const entries = Object.entries(subjects) as [Name, () => Promise<Sample>][];
  const samples = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<
    Name,
    Sample[]
  >;
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of entries) {
      const sample = await run();
      if (round > 0) samples[name].push(sample);
      process.stderr.write(round > 0 ? "." : "·");
    }
  }
  process.stderr.write("\n");
  return samples;
}

/**
 * Processor seconds that a process has used, all its threads together. The scheduler's own account counts
 * nanoseconds; where it is not kept, /proc/PID/stat counts hundredths of a second.
 */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const coarse = (Number(fields[11]) + Number(fields[12])) / 100;
  const fine = threadsNanoseconds(pid) / 1e9;
  // Threads that have ended are missing from the fine account: trust it only while it agrees.
  return Math.abs(fine - coarse) < 0.05 + coarse * 0.01 ? fine : coarse;
}

function threadsNanoseconds(pid: number): number {
  let sum = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
  } catch {
    return 0;
  }
  return sum;
}
