import path from "node:path";
import { z } from "zod";
import type { Environment } from "../server/config/environment.js";
import type { Child, Program } from "./children.js";
import type { Ready } from "./ready-file.js";
import type { Plan, Service } from "./services.js";
import { withoutProductVariables } from "./settings.js";

/** What runs in place of services that are not configured, and what the server must be told to use it. */
export interface StandIns {
  readonly environment: Environment;
  readonly pids: Readonly<Partial<Record<Service, number>>>;
  readonly mongodb: string | null;
  readonly telegram: Ready["sandbox"]["telegram"];
  readonly drive: Ready["sandbox"]["drive"];
  readonly mail: string | null;
}

const TITLES: Readonly<Record<Service, string>> = {
  mongodb: "database",
  telegram: "Telegram",
  drive: "Google Drive",
  mail: "mail outbox",
};

/** The first setting that would put the real service in its place. */
const SETTING: Readonly<Record<Service, string>> = {
  mongodb: "MONGODB_URI",
  telegram: "TELEGRAM_BOT_TOKEN",
  drive: "GDRIVE_CLIENT_ID",
  mail: "MAIL_SERVER",
};

const FOLDERS: Readonly<Record<Service, string>> = {
  mongodb: "mongo",
  telegram: "telegram",
  drive: "drive",
  mail: "mail",
};

const mongodb = z.object({ uri: z.string() });
const telegram = z.object({
  url: z.string(),
  tokens: z.array(z.string()),
  chats: z.array(z.coerce.string()),
});
const drive = z.object({
  url: z.string(),
  tokenUrl: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  refreshToken: z.string(),
});
const mail = z.object({
  url: z.string(),
  smtp: z.object({ host: z.string(), port: z.number(), username: z.string(), password: z.string() }),
});

/** How to start the stand-in of a service. Its data lies under the data folder, so a restart loses nothing. */
export function standInProgram(service: Service, plan: Plan, environment: Environment): Program {
  const dataDir = path.resolve(plan.dataDir, "sandbox", service);
  const limited = service === "telegram" || service === "drive";
  return {
    name: `sandbox ${TITLES[service]}`,
    file: path.resolve(import.meta.dirname, `../sandbox/${FOLDERS[service]}/main.js`),
    args: [
      "--port",
      "0",
      "--data-dir",
      dataDir,
      ...(limited ? ["--limits", plan.sandboxLimits ? "on" : "off"] : []),
    ],
    env: withoutProductVariables(environment),
  };
}

/** The line that tells people that a service is not the real one. */
export function describeStandIn(service: Service, child: Child): string {
  const where =
    service === "mongodb" ? mongodb.parse(child.announcement).uri : String(child.announcement["url"]);
  return `Sandbox ${TITLES[service].padEnd(13)} ${where}   (${SETTING[service]} is not set)`;
}

export function standInsOf(children: ReadonlyMap<Service, Child>): StandIns {
  const announced = <T>(service: Service, shape: z.ZodType<T>): T | null => {
    const child = children.get(service);
    return child === undefined ? null : shape.parse(child.announcement);
  };
  const found = {
    mongodb: announced("mongodb", mongodb)?.uri ?? null,
    telegram: announced("telegram", telegram),
    drive: announced("drive", drive),
  };
  const outbox = announced("mail", mail);
  return {
    ...found,
    mail: outbox?.url ?? null,
    pids: Object.fromEntries([...children].map(([service, child]) => [service, child.pid])),
    environment: {
      ...(found.mongodb === null ? {} : { MONGODB_URI: found.mongodb }),
      ...telegramEnvironment(found.telegram),
      ...driveEnvironment(found.drive),
      ...mailEnvironment(outbox),
    },
  };
}

function telegramEnvironment(given: z.infer<typeof telegram> | null): Environment {
  if (given === null) return {};
  return {
    TELEGRAM_API_ROOT: given.url,
    TELEGRAM_BOT_TOKEN: given.tokens.join(","),
    TELEGRAM_CHAT_IDS: given.chats.join(","),
  };
}

function driveEnvironment(given: z.infer<typeof drive> | null): Environment {
  if (given === null) return {};
  return {
    GOOGLE_API_ROOT: given.url,
    GOOGLE_TOKEN_URL: given.tokenUrl,
    GDRIVE_CLIENT_ID: given.clientId,
    GDRIVE_CLIENT_SECRET: given.clientSecret,
    GDRIVE_REFRESH_TOKEN: given.refreshToken,
  };
}

function mailEnvironment(given: z.infer<typeof mail> | null): Environment {
  if (given === null) return {};
  return {
    MAIL_SERVER: given.smtp.host,
    MAIL_PORT: String(given.smtp.port),
    MAIL_USERNAME: given.smtp.username,
    MAIL_PASSWORD: given.smtp.password,
    MAIL_USE_TLS: "false",
    MAIL_USE_SSL: "false",
    MAIL_SENDER_EMAIL: "telestash@telestash.local",
  };
}
