import { lengthFault } from "../auth/password.js";
import { loadConfig } from "../config.js";
import type { Config } from "../config.js";
import type { Environment } from "../config/environment.js";

/**
 * The configuration that an environment gives, held to the rules of accounts too.
 * @throws ConfigError naming every bad, missing or not yet implemented variable at once
 */
export function configurationOf(environment: Environment): Config {
  return loadConfig(environment, lengthFault);
}
