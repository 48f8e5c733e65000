import { parseArgs } from "node:util";

/** A stand-in that runs: where it is, what a client needs to use it, how to stop it. */
export interface Running {
  /** Printed as the one line of JSON on stdout that says the stand-in answers. */
  readonly announcement: object;
  close(): Promise<void>;
}

/**
 * Runs a stand-in as a program: reads `--name value` options, starts it, prints its announcement, and stops on
 * SIGTERM and SIGINT. With `--exit-with-parent` it also stops when its standard input ends, so that it never
 * outlives the process that started it.
 * @param options option names the stand-in knows, all taking a value
 */
export async function runProgram<Name extends string>(
  options: readonly Name[],
  start: (values: Partial<Record<Name, string>>) => Promise<Running>,
): Promise<void> {
  const names = Object.fromEntries(options.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ options: { ...names, "exit-with-parent": { type: "boolean" as const } } });
  const { "exit-with-parent": exitWithParent, ...given } = values;
  const running = await start(given);

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  if (exitWithParent === true) process.stdin.on("end", stop).on("error", stop).resume();
  process.stdout.write(`${JSON.stringify({ pid: process.pid, ...running.announcement })}\n`);
}
