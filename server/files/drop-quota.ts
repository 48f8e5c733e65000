import type { AttemptCounter } from "../auth/attempts.js";
import { network } from "../auth/attempts.js";
import type { Quota } from "../auth/quota.js";
import type { Allowance, SizeHint } from "../auth/quota.service.js";
import { fileTooLarge, rateLimited } from "../kernel/errors.js";

export type DropLimits = Pick<Quota, "bytes" | "files" | "fileBytes">;

const DAY_SECONDS = 86_400;
/** A body of unknown size is charged in steps of this. */
const STEP_BYTES = 16 * 1024 * 1024;

/**
 * Holds each address to so many bytes and files a day. A charge is made before the bytes are stored and given back when
 * their upload fails; what dies in between stays charged until the day of that address is over, and no longer.
 */
export class DropQuota {
  /** @param scale multiplies bytes and files: for a proxy that hides its clients' addresses */
  constructor(
    private readonly counter: AttemptCounter,
    private readonly limits: DropLimits,
    private readonly scale: number,
  ) {}

  /** What an address may send; undefined for no limit. */
  terms(): Record<"fileBytes" | "bytesPerDay" | "filesPerDay", number | undefined> {
    const limited = (limit: number): number | undefined => (Number.isFinite(limit) ? limit : undefined);
    return {
      fileBytes: limited(this.limits.fileBytes),
      bytesPerDay: limited(this.most("bytes")),
      filesPerDay: limited(this.most("files")),
    };
  }

  /**
   * Says no to what cannot fit, before a byte of it is sent. Charges nothing.
   * @throws AppError RATE_LIMITED, FILE_TOO_LARGE
   */
  async admit(address: string, hint: SizeHint): Promise<void> {
    const least = this.leastOf(hint);
    for (const [kind, count] of [["files", 1] as const, ["bytes", least] as const]) {
      const counted = await this.counter.counted(keyOf(kind, address), DAY_SECONDS);
      const { attempts = 0, endsInSeconds = DAY_SECONDS } = counted ?? {};
      if (attempts + count > this.most(kind)) throw this.refusal(kind, endsInSeconds);
    }
  }

  /**
   * Charges an address for one file: a declared size whole, an unknown one as its bytes come.
   * @returns also `release`, which gives all of it back, once
   * @throws AppError RATE_LIMITED, FILE_TOO_LARGE; nothing is charged then
   */
  async charge(address: string, hint: SizeHint): Promise<Allowance & { release(): Promise<void> }> {
    this.leastOf(hint);
    await this.spend("files", address, 1);
    let charged = 0;
    const spend = async (bytes: number): Promise<void> => {
      await this.spend("bytes", address, bytes);
      charged += bytes;
    };
    const giveBack = async (bytes: number): Promise<void> => {
      charged -= bytes;
      if (bytes > 0) await this.counter.takeBack(keyOf("bytes", address), DAY_SECONDS, bytes);
    };
    const release = async (): Promise<void> => {
      await giveBack(charged);
      await this.counter.takeBack(keyOf("files", address), DAY_SECONDS);
    };
    try {
      if (hint.declaredBytes !== undefined) await spend(hint.declaredBytes);
    } catch (error) {
      await release();
      throw error;
    }
    return {
      release,
      cover: async (bytes) => {
        if (bytes > this.limits.fileBytes) throw fileTooLarge(this.limits.fileBytes);
        const missing = bytes - charged;
        if (missing <= 0) return;
        const step = Math.min(STEP_BYTES, (hint.mostBytes ?? Infinity) - charged);
        // The last room of a day may be smaller than a step.
        await spend(Math.max(missing, step)).catch(() => spend(missing));
      },
      trim: (bytes) => giveBack(Math.max(0, charged - bytes)),
    };
  }

  private leastOf({ declaredBytes = 1 }: SizeHint): number {
    if (declaredBytes > this.limits.fileBytes) throw fileTooLarge(this.limits.fileBytes);
    return declaredBytes;
  }

  /** Counted first: of many at once only as many get through as fit. */
  private async spend(kind: "files" | "bytes", address: string, count: number): Promise<void> {
    if (count <= 0) return;
    const key = keyOf(kind, address);
    const { attempts, endsInSeconds } = await this.counter.add(key, DAY_SECONDS, count);
    if (attempts <= this.most(kind)) return;
    await this.counter.takeBack(key, DAY_SECONDS, count);
    throw this.refusal(kind, endsInSeconds);
  }

  private most(kind: "files" | "bytes"): number {
    return this.limits[kind] * this.scale;
  }

  private refusal(kind: "files" | "bytes", endsInSeconds: number): Error {
    const what = kind === "files" ? `${this.most(kind)} files` : `${this.most(kind)} bytes`;
    return rateLimited(
      `Without an account, ${what} a day may come from one address, and yours has used that up. Sign in for more.`,
      endsInSeconds,
    );
  }
}

function keyOf(kind: "files" | "bytes", address: string): string {
  return `anonymous ${kind} from ${network(address)}`;
}
