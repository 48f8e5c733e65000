import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";

/**
 * What a command was given. Anything it does not know ends the process with code 2 and a line that says what it is.
 * @param usage what the command takes
 */
export function givenOptions<Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nUsage: ${usage}`);
    process.exit(2);
  }
}
