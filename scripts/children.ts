import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { createInterface } from "node:readline";

export interface Program {
  /** How people are told about it: "sandbox database", "server". */
  readonly name: string;
  /** Path of its compiled JavaScript. */
  readonly file: string;
  readonly nodeFlags?: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Announcement = Readonly<Record<string, unknown>>;

/** A child that printed its line of JSON. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly announcement: Announcement;
}

interface Running {
  readonly name: string;
  readonly process: ChildProcess;
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
}

const START_MS = 30_000;
// Together under the ten seconds in which everything must have stopped.
const LAST_STARTED_MS = 8_000;
const OTHERS_MS = 1_500;

/**
 * The programs that this process started and answers for. Each ends when its standard input does, so none outlives
 * us. They are told to stop in the reverse of the order in which they were started.
 */
export class Children {
  readonly #running: Running[] = [];
  #stopping = false;
  #reportDeath!: (reason: Error) => void;
  /** Rejects when a child dies that nobody asked to stop. Never resolves. */
  readonly death = new Promise<never>((_, reject) => (this.#reportDeath = reject));

  /** @param onLog takes what the programs write to stderr; without it that goes to our stderr */
  constructor(private readonly onLog?: (text: string) => void) {
    this.death.catch(() => {});
  }

  /** Starts a program and waits for the line of JSON on its stdout that says it answers. */
  async start(program: Program): Promise<Child> {
    if (this.#stopping) throw new Error(`The ${program.name} is not started: everything is stopping.`);
    // A group of its own: Ctrl-C in a terminal reaches us alone, and we stop the children in order.
    const stdio: StdioOptions = ["pipe", "pipe", this.onLog === undefined ? "inherit" : "pipe"];
    const { nodeFlags = [], file, args } = program;
    const argv = ["--enable-source-maps", ...nodeFlags, file, ...args, "--exit-with-parent"];
    const child = spawn(process.execPath, argv, { env: program.env, stdio, detached: true });
    child.stdin?.on("error", () => {});
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.onLog?.(text));
    const ended = endOf(child);
    const running = { name: program.name, process: child, ended };
    this.#running.push(running);
    void ended.then((how) => {
      if (!this.#stopping) this.#reportDeath(new Error(`The ${program.name} ended (${how}).`));
    });
    const announcement = await withinTime(
      announcementOf(child, this.onLog ?? toStderr),
      program.name,
      this.death,
    );
    return { name: program.name, pid: child.pid ?? 0, announcement };
  }

  /**
   * Stops everything, the last started first, then the others together. Safe to call twice.
   * @returns the names of those that did not end in time and were killed
   */
  async stop(): Promise<string[]> {
    this.#stopping = true;
    const [last, ...others] = this.#running.toReversed();
    const late = last === undefined ? [] : await stopAll([last], LAST_STARTED_MS);
    return [...late, ...(await stopAll(others, OTHERS_MS))];
  }
}

function toStderr(text: string): void {
  process.stderr.write(text);
}

async function stopAll(children: readonly Running[], patienceMs: number): Promise<string[]> {
  const inTime = await Promise.all(children.map((child) => stopOne(child, patienceMs)));
  return children.filter((_, index) => inTime[index] === false).map(({ name }) => name);
}

async function stopOne({ process: child, ended }: Running, patienceMs: number): Promise<boolean> {
  child.kill("SIGTERM");
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const inTime = await Promise.race([ended.then(() => true), tooLate]);
  clearTimeout(timer);
  if (!inTime) child.kill("SIGKILL");
  return inTime;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}

/** The first line of JSON on stdout that tells a pid. All else a program says there goes where its log goes. */
function announcementOf(child: ChildProcess, onLog: (text: string) => void): Promise<Announcement> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    let announced = false;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = announced ? undefined : parseAnnouncement(line);
      if (found === undefined) {
        onLog(`${line}\n`);
        return;
      }
      announced = true;
      resolve(found);
    });
  });
}

function parseAnnouncement(line: string): Announcement | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "pid" in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

async function withinTime<T>(what: Promise<T>, name: string, death: Promise<never>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const seconds = START_MS / 1000;
    timer = setTimeout(() => reject(new Error(`The ${name} did not answer within ${seconds} s.`)), START_MS);
  });
  try {
    return await Promise.race([what, tooLate, death]);
  } finally {
    clearTimeout(timer);
  }
}
