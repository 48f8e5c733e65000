import type { FastifyInstance } from "fastify";
import { AppError, operatorText } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";

/** Something this process cannot serve without. */
export interface ReadinessCheck {
  /** As an operator knows it: MongoDB, Telegram, Google Drive. */
  name: string;
  /** @throws AppError whose message says what is wrong and what to do; other errors are logged and not shown */
  check(signal: AbortSignal): Promise<void>;
  /** A good answer counts this long: services with quotas are not asked at every probe. */
  trustedMs?: number;
}

export interface Readiness {
  ready: boolean;
  checks: Record<string, string>;
}

const TIME_LIMIT_MS = 2_000;
const KEPT_MS = 1_000;
const OK = "ok";

/** Asks all checks at once, at most once a second however many ask. */
export class HealthMonitor {
  private kept: { at: number; answer: Promise<Readiness> } | undefined;
  private stopping = false;
  /** When each check last went well. */
  private readonly well = new Map<ReadinessCheck, number>();

  constructor(
    private readonly checks: readonly ReadinessCheck[],
    private readonly log: Logger,
  ) {}

  /** From now on not ready: load balancers send their requests elsewhere. */
  stop(): void {
    this.stopping = true;
  }

  readiness(): Promise<Readiness> {
    if (this.stopping)
      return Promise.resolve({ ready: false, checks: { process: "The process is stopping." } });
    const now = performance.now();
    if (!this.kept || now - this.kept.at > KEPT_MS) this.kept = { at: now, answer: this.ask() };
    return this.kept.answer;
  }

  private async ask(): Promise<Readiness> {
    const verdicts = await Promise.all(
      this.checks.map(async (check) => [check.name, await this.verdict(check)] as const),
    );
    return {
      ready: verdicts.every(([, verdict]) => verdict === OK),
      checks: Object.fromEntries(verdicts),
    };
  }

  private async verdict(check: ReadinessCheck): Promise<string> {
    const { name, trustedMs = 0 } = check;
    if (performance.now() - (this.well.get(check) ?? -Infinity) < trustedMs) return OK;
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    try {
      await Promise.race([check.check(signal), late]);
      this.well.set(check, performance.now());
      return OK;
    } catch (error) {
      if (signal.aborted)
        return `${name} did not answer within ${TIME_LIMIT_MS / 1000} s. See that it runs and can be reached.`;
      if (error instanceof AppError) return operatorText(error);
      this.log.error({ err: error, name }, "a readiness check failed");
      return `${name} cannot be used. The log says why.`;
    }
  }
}

/** `/livez`: the process turns. `/readyz`: it can serve; otherwise 503 and what to do about it. */
export function healthRoutes(app: FastifyInstance, monitor: HealthMonitor): void {
  app.get("/livez", (_request, reply) => reply.header("cache-control", "no-store").send({ status: "live" }));
  app.get("/readyz", async (_request, reply) => {
    const { ready, checks } = await monitor.readiness();
    const status = ready ? "ready" : "not ready";
    return reply
      .code(ready ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ status, checks });
  });
}
