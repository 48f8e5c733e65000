import type { Config } from "../config.js";

/** What must never reach a log. */
export function secretsOf(config: Config): string[] {
  const { telegram, drive, mail, jwtSecret, firstAdmin } = config;
  const optional = [mail?.password, firstAdmin?.password].filter((text) => text !== undefined);
  return [...telegram.tokens, drive.clientSecret, drive.refreshToken, jwtSecret, ...optional];
}
