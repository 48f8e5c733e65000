import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Who holds a data folder. `started` tells a process from a later one with the same pid, where the system says it. */
interface Holder {
  readonly pid: number;
  readonly started?: string | undefined;
}

export class DataDirInUse extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `DATA_DIR ${dataDir} is in use by another Telestash, process ${pid}. ` +
        "Stop that one, or set DATA_DIR to another folder.",
    );
  }
}

/**
 * Locks a data folder for this process. The lock of a process that is gone is taken over.
 * @returns gives the lock back; safe to call twice
 * @throws DataDirInUse naming the process that holds it
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, "lock");
  while (!tryToLock(file)) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (isAlive(holder)) throw new DataDirInUse(dataDir, holder.pid);
    discard(file, holder);
  }
  return () => {
    if (holderOf(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

/** `link` makes the file appear whole, so nobody reads a holder that is still being written. */
function tryToLock(file: string): boolean {
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own);
  }
}

/** A file that is no lock of ours counts as left behind: pid 0 never lives. */
function holderOf(file: string): Holder | undefined {
  try {
    const value = JSON.parse(readFileSync(file, "utf8")) as Partial<Holder> | null;
    return { pid: typeof value?.pid === "number" ? value.pid : 0, started: value?.started };
  } catch (error) {
    return codeOf(error) === "ENOENT" ? undefined : { pid: 0 };
  }
}

/** A container's processes get the same pids at each start, so our own pid in an old lock says nothing. */
function isAlive({ pid, started }: Holder): boolean {
  if (pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return startOf(pid) === started;
}

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Two may discard at once: whoever finds that it moved somebody's fresh lock aside puts it back. */
function discard(file: string, stale: Holder): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    const moved = holderOf(aside);
    if (moved?.pid !== stale.pid || moved.started !== stale.started) linkSync(aside, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
