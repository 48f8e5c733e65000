import type { ChatInspector, WorkerRegister } from "../admin/operations.ports.js";
import type { DatabaseCondition, StagingQuota } from "../admin/checks.ports.js";
import {
  clockFinding,
  dueFinding,
  counted,
  fail,
  indexFinding,
  leftOverFinding,
  ok,
  replicaFinding,
  settingsFinding,
  warn,
  workerFinding,
} from "../admin/checks.js";
import type { Finding, SystemCheck } from "../admin/checks.js";
import { FIRST_ADMIN_NAME } from "../auth/account.service.js";
import { passwordFault } from "../auth/password.js";
import type { Mailer } from "../auth/mailer.ports.js";
import type { Config } from "../config.js";
import type { StagingArea } from "../vault/vault.ports.js";

interface Looked {
  config: Config;
  database: DatabaseCondition;
  workers: WorkerRegister;
  telegram: ChatInspector;
  drive: StagingArea & StagingQuota;
  mailer: Mailer | undefined;
}

function isGuessable(admin: Config["firstAdmin"]): boolean {
  if (admin === undefined) return false;
  return passwordFault(admin.password, { username: FIRST_ADMIN_NAME, email: admin.email }) !== undefined;
}

/** What `systemChecks` looks at, in the order it is shown. */
export function systemChecks(looked: Looked): SystemCheck[] {
  const { config, database, workers, telegram, drive, mailer } = looked;
  return [
    { name: "Database", run: async () => ok(`It answers in ${await database.pingMs()} ms.`) },
    { name: "Indexes", run: async () => indexFinding(await database.missingIndexes()) },
    {
      name: "Clock",
      run: async () => clockFinding(Date.now() - (await database.clock()).getTime()),
    },
    { name: "Telegram", run: (signal) => telegramFinding(telegram, signal) },
    {
      name: "Copies",
      run: () => Promise.resolve(replicaFinding(config.telegram.replicas, config.telegram.chats.length)),
    },
    { name: "Google Drive", run: (signal) => driveFinding(drive, signal) },
    { name: "Staging", run: async () => leftOverFinding(await database.stagedLeftOvers()) },
    { name: "Mail", run: (signal) => mailFinding(mailer, signal) },
    { name: "Workers", run: async () => workerFinding(await workers.list()) },
    { name: "Transfers", run: async () => dueFinding(await database.oldestDueSeconds()) },
    {
      name: "Settings",
      run: () =>
        Promise.resolve(
          settingsFinding({
            production: config.production,
            jwtSecret: config.jwtSecret,
            isAdminGuessable: isGuessable(config.firstAdmin),
            publicUrl: config.http.publicUrl,
            host: config.http.host,
          }),
        ),
    },
  ];
}

async function telegramFinding(telegram: ChatInspector, signal: AbortSignal): Promise<Finding> {
  const lanes = await telegram.inspect(signal);
  const broken = lanes.find(({ problem }) => problem !== undefined);
  if (broken !== undefined) {
    const found = `Bot ${broken.bot} in chat ${broken.chat}: ${broken.problem ?? ""}`;
    return fail(found, "Make the bot an administrator of that chat, who may post, edit and delete messages.");
  }
  const unableTo = (right: "mayPin" | "mayDelete") => lanes.find((lane) => lane[right] === false);
  const lacking = unableTo("mayDelete") ?? unableTo("mayPin");
  if (lacking === undefined)
    return ok(`${counted(lanes.length, "pair")} of bot and chat: posting, deleting and pinning are allowed.`);
  const what = lacking.mayDelete === false ? "delete" : "pin";
  const found = `Bot ${lacking.bot} may not ${what} messages in chat ${lacking.chat}.`;
  return warn(found, `Give the bot the right to ${what} messages there.`);
}

const FULL = 0.9;

async function driveFinding(drive: StagingArea & StagingQuota, signal: AbortSignal): Promise<Finding> {
  await drive.check(signal);
  const space = await drive.space(signal);
  if (space === undefined) return ok("It accepts our credentials.");
  const { usedBytes, limitBytes } = space;
  const free = Math.floor((limitBytes - usedBytes) / 2 ** 20);
  const found = `It accepts our credentials; ${free.toLocaleString("en")} MiB are free.`;
  return usedBytes < limitBytes * FULL ? ok(found) : warn(found, "Free space in that Google account.");
}

async function mailFinding(mailer: Mailer | undefined, signal: AbortSignal): Promise<Finding> {
  if (mailer === undefined) {
    const fix = "Set MAIL_SERVER, so that users can reset their passwords themselves.";
    return warn("No mail server is configured: links are shown to administrators instead.", fix);
  }
  await mailer.check(signal);
  return ok("The mail server accepts our credentials.");
}
