/** What looking at one part of the system found. */
export interface Finding {
  status: "OK" | "WARN" | "FAIL";
  /** In one sentence, for an operator. */
  found: string;
  /** What to do, in one sentence; absent when all is well. */
  fix?: string;
}

export interface SystemCheck {
  /** As an operator knows it. */
  name: string;
  /** @throws AppError whose message says what is wrong and what to do */
  run(signal: AbortSignal): Promise<Finding>;
}

export function ok(found: string): Finding {
  return { status: "OK", found };
}

export function warn(found: string, fix: string): Finding {
  return { status: "WARN", found, fix };
}

export function fail(found: string, fix: string): Finding {
  return { status: "FAIL", found, fix };
}

/** "1 worker", "2 workers". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

const CLOCK_WARN_MS = 2_000;
const CLOCK_FAIL_MS = 30_000;

/** @param aheadMs how far this process's clock is ahead of the database's */
export function clockFinding(aheadMs: number): Finding {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  if (seconds === "0.0") return ok("This server's clock agrees with the database's.");
  const found = `This server's clock is ${seconds} s ${aheadMs < 0 ? "behind" : "ahead of"} the database's.`;
  const fix = "Synchronise the clocks of both machines (NTP).";
  if (Math.abs(aheadMs) >= CLOCK_FAIL_MS) return fail(found, fix);
  return Math.abs(aheadMs) >= CLOCK_WARN_MS ? warn(found, fix) : ok(found);
}

const WORKER_LATE_S = 60;

export function workerFinding(workers: readonly { secondsAgo: number }[]): Finding {
  const alive = workers.filter(({ secondsAgo }) => secondsAgo <= WORKER_LATE_S);
  if (alive.length > 0) return ok(`${counted(alive.length, "worker")} seen within the last minute.`);
  const last = workers[0];
  const found =
    last === undefined ? "No worker was ever seen." : `No worker was seen for ${last.secondsAgo} s.`;
  return fail(found, "Start a process in the role worker or all.");
}

const DUE_WARN_S = 60;
const DUE_FAIL_S = 900;

/** @param oldestSeconds for how long the oldest due transfer waits; undefined when none is due */
export function dueFinding(oldestSeconds: number | undefined): Finding {
  if (oldestSeconds === undefined) return ok("No transfer waits for a worker.");
  const found = `The oldest transfer that is due has waited for a worker for ${oldestSeconds} s.`;
  const fix = "Look at the workers and at the lanes: start more workers, or find out why these are busy.";
  if (oldestSeconds >= DUE_FAIL_S) return fail(found, fix);
  return oldestSeconds >= DUE_WARN_S ? warn(found, fix) : ok(found);
}

export function replicaFinding(replicas: number, chats: number): Finding {
  const found = `Of each part ${replicas === 1 ? "1 copy is" : `${replicas} copies are`} kept, in ${counted(chats, "chat")}.`;
  if (replicas >= 2) return ok(found);
  const fix =
    chats < 2
      ? "Add a second chat to TELEGRAM_CHAT_IDS, so that losing one chat loses no file."
      : "Set TELEGRAM_REPLICAS to 2 or more, so that losing one chat loses no file.";
  return warn(found, fix);
}

/** @param missing as `collection: keys` */
export function indexFinding(missing: readonly string[]): Finding {
  if (missing.length === 0) return ok("Every index is there.");
  const found = `${missing.length} index(es) are missing: ${missing.slice(0, 5).join("; ")}.`;
  return fail(found, "Restart a server: it makes the indexes when it starts.");
}

const LEFT_OVER_LIMIT = 100;

/** @param count staged copies that could be deleted and are not yet */
export function leftOverFinding(count: number): Finding {
  if (count === 0) return ok("No staged copy waits to be deleted.");
  const found = `${count} staged copies wait to be deleted.`;
  if (count < LEFT_OVER_LIMIT) return ok(found);
  return warn(found, "Check that a worker runs and that Google Drive can be reached: it deletes them.");
}

export interface Settings {
  production: boolean;
  jwtSecret: string;
  /** Whether whoever guesses finds ADMIN_PASSWORD. */
  isAdminGuessable: boolean;
  publicUrl: string | undefined;
  host: string;
}

/** One finding for all settings: the worst, with every problem in its text. */
export function settingsFinding(settings: Settings): Finding {
  const { production, jwtSecret, isAdminGuessable, publicUrl, host } = settings;
  const isPublic = host !== "127.0.0.1" && host !== "localhost" && host !== "::1";
  const problems = [
    ...(jwtSecret.length < 32 ? ["JWT_SECRET_KEY has fewer than 32 characters"] : []),
    ...(isAdminGuessable ? ["ADMIN_PASSWORD is easy to guess"] : []),
    ...(isPublic && !publicUrl?.startsWith("https:") ? ["PUBLIC_URL is not an https address"] : []),
    ...(isPublic && !production ? ["NODE_ENV is not production although HOST is public"] : []),
  ];
  if (problems.length === 0) return ok("No default or insecure setting.");
  const found = `${problems.join("; ")}.`;
  return (production ? fail : warn)(found, "Change these settings and restart the server.");
}
