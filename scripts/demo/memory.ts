import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The most memory a process ever held, or what it holds now where the system keeps no peak, or 0. */
export function peakRssBytes(pid: number): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (peak !== undefined) return Number(peak) * 1024;
  } catch {
    // not Linux: asked below
  }
  const kib = Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "");
  return Number.isFinite(kib) ? kib * 1024 : 0;
}
