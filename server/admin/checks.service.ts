import type { Viewer } from "../kernel/context.js";
import { AppError, operatorText } from "../kernel/errors.js";
import type { Logger } from "../kernel/log.js";
import { requireAdministrator } from "./administrator.js";
import { fail } from "./checks.js";
import type { Finding, SystemCheck } from "./checks.js";

export interface CheckResult extends Finding {
  name: string;
  ms: number;
}

export interface CheckReport {
  at: Date;
  checks: CheckResult[];
}

const TIME_LIMIT_MS = 5_000;
const KEPT_MS = 5_000;

/** Looks at every part of the system at once; however many ask, at most every few seconds. */
export class ChecksService {
  private kept: { until: number; report: Promise<CheckReport> } | undefined;

  constructor(
    private readonly checks: readonly SystemCheck[],
    private readonly log: Logger,
  ) {}

  async report(viewer: Viewer): Promise<CheckReport> {
    requireAdministrator(viewer);
    if (this.kept === undefined || performance.now() > this.kept.until) {
      this.kept = { until: performance.now() + KEPT_MS, report: this.run() };
    }
    return this.kept.report;
  }

  private async run(): Promise<CheckReport> {
    return { at: new Date(), checks: await Promise.all(this.checks.map((check) => this.one(check))) };
  }

  private async one(check: SystemCheck): Promise<CheckResult> {
    const { name } = check;
    const begun = performance.now();
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const late = new Promise<Finding>((resolve) => {
      const found = `No answer within ${TIME_LIMIT_MS / 1000} s.`;
      const fix = "See that the service runs and can be reached from this server.";
      signal.addEventListener("abort", () => resolve(fail(found, fix)), { once: true });
    });
    const finding = await Promise.race([
      check.run(signal).catch((error: unknown) => this.failure(name, error)),
      late,
    ]);
    return { name, ...finding, ms: Math.round(performance.now() - begun) };
  }

  private failure(name: string, error: unknown): Finding {
    if (error instanceof AppError) return fail(operatorText(error), "Correct that, then check again.");
    this.log.error({ err: error, check: name }, "a system check failed");
    return fail("It could not be checked.", "The log of this server says why.");
  }
}
