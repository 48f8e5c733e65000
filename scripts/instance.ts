import { z } from "zod";
import { configurationOf } from "../server/compose/configuration.js";
import type { Environment } from "../server/config/environment.js";
import { AdministratorFile, firstThatWorks } from "./administrator.js";
import type { Account } from "./administrator.js";
import { Children } from "./children.js";
import type { Child } from "./children.js";
import type { Ready } from "./ready-file.js";
import type { Plan, Service } from "./services.js";
import { serverProgram } from "./server-program.js";
import { describeStandIn, standInProgram, standInsOf } from "./stand-ins.js";
import type { StandIns } from "./stand-ins.js";

const READY_MS = 30_000;
const serverAnnouncement = z.object({ url: z.string() });

export interface InstanceOptions {
  readonly plan: Plan;
  readonly environment: Environment;
  /** Told what is started, in single lines. */
  readonly say: (line: string) => void;
}

/** One Telestash with the stand-ins that it needs, all of them children of this process. */
export class Instance {
  readonly #children: Children;
  /** Rejects when a part of it dies, naming the part. */
  readonly death: Promise<never>;

  /** @param onLog takes what the parts log; without it that goes to our stderr */
  constructor(onLog?: (text: string) => void) {
    this.#children = new Children(onLog);
    this.death = this.#children.death;
  }

  /** Starts the stand-ins, then the server, and waits until everything answers. */
  async start({ plan, environment, say }: InstanceOptions): Promise<Ready> {
    const standIns = await this.#startStandIns(plan, environment, say);
    const full = { ...environment, ...standIns.environment };
    const { firstAdmin } = configurationOf(full);
    const file = new AdministratorFile(plan.dataDir);
    const onSandbox = standIns.mongodb !== null;
    const made = onSandbox && firstAdmin === undefined ? file.readOrMake() : undefined;

    const server = await this.#startServer({ ...full, ...adminEnvironment(made) });
    const { url } = serverAnnouncement.parse(server.announcement);
    await this.#untilReady(url);

    const candidates = [firstAdmin, made ?? file.read()];
    const admin = onSandbox ? await firstThatWorks(`${url}/graphql`, candidates) : undefined;
    return readyOf(server.pid, url, standIns, admin);
  }

  /** @returns the names of parts that did not stop in time and were killed */
  stop(): Promise<string[]> {
    return this.#children.stop();
  }

  async #startStandIns(plan: Plan, environment: Environment, say: (line: string) => void): Promise<StandIns> {
    const started = await Promise.all(
      plan.standIns.map(async (service): Promise<[Service, Child]> => {
        return [service, await this.#children.start(standInProgram(service, plan, environment))];
      }),
    );
    for (const [service, child] of started) say(describeStandIn(service, child));
    return standInsOf(new Map(started));
  }

  #startServer(env: Environment): Promise<Child> {
    return this.#children.start(serverProgram("all", env));
  }

  async #untilReady(url: string): Promise<void> {
    const deadline = Date.now() + READY_MS;
    for (;;) {
      const problem = await Promise.race([readinessProblem(url), this.death]);
      if (problem === undefined) return;
      if (Date.now() > deadline) throw new Error(`The server is not ready: ${problem}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function readinessProblem(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    const body = await response.text();
    return response.ok ? undefined : `${response.status} ${body}`;
  } catch (error) {
    return String(error);
  }
}

function adminEnvironment(admin: Account | undefined): Environment {
  return admin === undefined ? {} : { ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password };
}

function readyOf(serverPid: number, url: string, standIns: StandIns, admin: Account | undefined): Ready {
  const { pids, mongodb, telegram, drive, mail } = standIns;
  return {
    pid: process.pid,
    processes: {
      server: serverPid,
      mongodb: pids.mongodb ?? null,
      telegram: pids.telegram ?? null,
      drive: pids.drive ?? null,
      mail: pids.mail ?? null,
    },
    url,
    graphql: `${url}/graphql`,
    ws: `${url.replace(/^http/, "ws")}/graphql`,
    console: `${url}/admin`,
    admin: admin ?? null,
    mail,
    sandbox: { mongodb, telegram, drive },
  };
}
