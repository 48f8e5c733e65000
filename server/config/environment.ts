import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that may also come as `NAME_FILE`, the path of a file that holds the value. */
const SECRETS = [
  "MONGODB_URI",
  "ATLAS_PASSWORD",
  "REDIS_URL",
  "TELEGRAM_BOT_TOKEN",
  "GDRIVE_CLIENT_SECRET",
  "GDRIVE_REFRESH_TOKEN",
  "MAIL_USERNAME",
  "MAIL_PASSWORD",
  "ADMIN_PASSWORD",
  "JWT_SECRET_KEY",
  "FLASK_SECRET_KEY",
];

/** The process's environment over the `.env` file beside it, if there is one and it is wanted. */
export function readEnvironment(options: { envFile: boolean }): Environment {
  return { ...(options.envFile ? readEnvFile(".env") : {}), ...process.env };
}

function readEnvFile(file: string): Environment {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

/** Empty values count as absent: that is what an unset line of a compose file produces. */
export function withFiles(environment: Environment, problems: string[]): Record<string, string> {
  const given = Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? "") !== ""),
  );
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set. Keep one.`);
    try {
      given[name] = readFileSync(file, "utf8").trim();
    } catch {
      problems.push(`${name}_FILE names a file that cannot be read.`);
    }
  }
  return given;
}

/** The system being replaced called its mail settings `MAIL_…_BREVO`. */
export function withMailAliases(environment: Environment): Environment {
  const aliases = Object.entries(environment)
    .filter(([name]) => /^MAIL_.*_BREVO$/.test(name))
    .map(([name, value]) => [name.replace(/_BREVO$/, ""), value]);
  return { ...(Object.fromEntries(aliases) as Environment), ...environment };
}
