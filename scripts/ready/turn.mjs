import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 100;

/**
 * Waits until no other process makes this folder ready, then takes the turn. A turn whose process is gone is
 * taken over. The turn is given back by the returned function, and at exit.
 * @param say told once whom we wait for
 */
export async function takeTurn(file, say) {
  mkdirSync(path.dirname(file), { recursive: true });
  let waitingFor;
  while (!tryToTake(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isSame(holder)) discard(file, holder);
    else if (holder !== undefined) {
      if (waitingFor !== holder.pid)
        say(`Waiting for process ${holder.pid}, which is installing or building here…`);
      waitingFor = holder.pid;
      await pause(POLL_MS);
    }
  }
  const giveBack = () => {
    if (holderOf(file)?.pid === process.pid) rmSync(file, { force: true });
  };
  process.once("exit", giveBack);
  return giveBack;
}

/** `link` makes the file appear whole, so nobody reads a holder that is still being written. */
function tryToTake(file) {
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own);
  }
}

function holderOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isSame({ pid, started }) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === "ESRCH") return false;
  }
  return startOf(pid) === started;
}

/** When a process started, where the system says so: a pid alone may have a new owner. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

/** Two may discard at once: whoever finds that it moved somebody's fresh turn aside puts it back. */
function discard(file, stale) {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    const moved = holderOf(aside);
    if (moved?.pid !== stale.pid || moved.started !== stale.started) linkSync(aside, file);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
