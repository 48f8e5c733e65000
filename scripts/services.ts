import { configurationOf } from "../server/compose/configuration.js";
import { ConfigError } from "../server/config.js";
import type { Environment } from "../server/config/environment.js";

export const SERVICES = ["mongodb", "telegram", "drive", "mail"] as const;
export type Service = (typeof SERVICES)[number];

/** Variables that say that somebody means to use a real service. One is enough: what is missing beside it is an error. */
const SIGNS: Readonly<Record<Service, readonly string[]>> = {
  mongodb: ["MONGODB_URI", "ATLAS_USER", "ATLAS_PASSWORD", "ATLAS_CLUSTER_HOST"],
  telegram: ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_IDS", "TELEGRAM_API_ROOT"],
  drive: [
    "GDRIVE_CLIENT_ID",
    "GDRIVE_CLIENT_SECRET",
    "GDRIVE_REFRESH_TOKEN",
    "GDRIVE_TEMP_FOLDER_ID",
    "GOOGLE_API_ROOT",
    "GOOGLE_TOKEN_URL",
  ],
  mail: ["MAIL_SERVER", "MAIL_SERVER_BREVO"],
};

/** Values of the right form for services that a stand-in will provide, so that all else can be checked before it runs. */
const PLACEHOLDERS: Readonly<Record<Service, Environment>> = {
  mongodb: { MONGODB_URI: "mongodb://127.0.0.1:1" },
  telegram: { TELEGRAM_BOT_TOKEN: "1:placeholder", TELEGRAM_CHAT_IDS: "-1,-2" },
  drive: { GDRIVE_CLIENT_ID: "-", GDRIVE_CLIENT_SECRET: "-", GDRIVE_REFRESH_TOKEN: "-" },
  mail: { MAIL_SERVER: "127.0.0.1", MAIL_SENDER_EMAIL: "telestash@telestash.local" },
};

export interface Plan {
  /** Services that a stand-in must provide, in the order in which they start. */
  readonly standIns: readonly Service[];
  readonly dataDir: string;
  readonly sandboxLimits: boolean;
  readonly readyFile: string | undefined;
}

/**
 * Reads from the environment what `npm start` has to start.
 * @throws ConfigError naming everything that is wrong, before anything runs
 */
export function planStart(environment: Environment): Plan {
  const production = environment["NODE_ENV"] === "production";
  const standIns = production ? [] : SERVICES.filter((service) => !isConfigured(service, environment));
  const problems = [
    ...flagProblems(environment),
    ...sandboxDatabaseProblems(environment, standIns),
    ...configProblems({ ...environment, ...placeholdersFor(standIns) }),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    standIns,
    dataDir: given(environment, "DATA_DIR") ?? "./.data",
    sandboxLimits: given(environment, "SANDBOX_LIMITS") !== "off",
    readyFile: given(environment, "READY_FILE"),
  };
}

function placeholdersFor(standIns: readonly Service[]): Environment {
  return Object.fromEntries(standIns.flatMap((service) => Object.entries(PLACEHOLDERS[service])));
}

/** Empty values count as absent, as they do for the server. */
function given(environment: Environment, name: string): string | undefined {
  return environment[name] === "" ? undefined : environment[name];
}

function isConfigured(service: Service, environment: Environment): boolean {
  return SIGNS[service].some(
    (name) => given(environment, name) !== undefined || given(environment, `${name}_FILE`) !== undefined,
  );
}

function flagProblems(environment: Environment): string[] {
  const problems: string[] = [];
  if (!["on", "off", undefined].includes(given(environment, "SANDBOX_LIMITS"))) {
    problems.push("SANDBOX_LIMITS must be on or off.");
  }
  if (!["true", "false", undefined].includes(given(environment, "ALLOW_SANDBOX_DATABASE"))) {
    problems.push("ALLOW_SANDBOX_DATABASE must be true or false.");
  }
  return problems;
}

/** Real messages whose only index lies in the sandbox would be lost with it. */
function sandboxDatabaseProblems(environment: Environment, standIns: readonly Service[]): string[] {
  if (!standIns.includes("mongodb") || given(environment, "ALLOW_SANDBOX_DATABASE") === "true") return [];
  const real = (["telegram", "drive"] as const).filter((service) => !standIns.includes(service));
  if (real.length === 0) return [];
  const names = real.map((service) => (service === "drive" ? "Google Drive" : "Telegram")).join(" and ");
  return [
    `MONGODB_URI is missing: the sandbox database is not made to remember what lies in the real ${names}. ` +
      "Set MONGODB_URI, or ALLOW_SANDBOX_DATABASE=true to try it all the same.",
  ];
}

function configProblems(environment: Environment): readonly string[] {
  try {
    configurationOf(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
