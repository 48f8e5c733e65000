import type { AuditTrail } from "../kernel/audit.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { isAdmin } from "../kernel/context.js";
import {
  AppError,
  badInput,
  fileTooLarge,
  forbidden,
  notFound,
  quotaExceeded,
  unauthenticated,
  unavailable,
} from "../kernel/errors.js";
import type { AccountStore, UsageStore } from "./auth.ports.js";
import { QUOTA_NAMES, quotaOf, whatChanged, whyFull } from "./quota.js";
import type { OwnQuota, Quota, QuotaChange, Quotas } from "./quota.js";
import type { Account, User } from "./user.js";

/** A body of unknown size reserves its room in steps of this. */
const STEP_BYTES = 16 * 1024 * 1024;
const MOST_TRANSFERS = 1_000;

/** What is known of an upload's size before it is read. */
export interface SizeHint {
  /** Exactly so many, as the client declared. */
  declaredBytes?: number | undefined;
  /** Surely not more. */
  mostBytes?: number | undefined;
}

/** Room that one upload has. Bytes are stored only after it covers them. */
export interface Allowance {
  /**
   * Makes sure that so many bytes may be stored.
   * @throws AppError QUOTA_EXCEEDED, FILE_TOO_LARGE; UNAVAILABLE when the upload was given up meanwhile
   */
  cover(bytes: number): Promise<void>;
  /** The file has so many bytes and no more: gives the rest back. */
  trim(bytes: number): Promise<void>;
}

/** Holds accounts to what they may keep, and lets administrators say how much that is. */
export class QuotaService {
  constructor(
    private readonly accounts: Pick<AccountStore, "find" | "setOwnQuota">,
    private readonly usage: UsageStore,
    private readonly audit: AuditTrail,
    private readonly quotas: Quotas,
  ) {}

  quotaOf(user: User): Quota {
    return quotaOf(user, this.quotas);
  }

  /**
   * Says no to an upload that cannot fit before a byte of it is sent. Reserves nothing.
   * @throws AppError QUOTA_EXCEEDED, FILE_TOO_LARGE
   */
  async admit(viewer: SignedInViewer, hint: SizeHint): Promise<void> {
    this.check(await this.account(viewer.userId), leastOf(hint));
  }

  /**
   * Says no to several files that cannot fit together, before the first is made. Reserves nothing.
   * @throws AppError QUOTA_EXCEEDED
   */
  async assertRoom(userId: string, all: { bytes: number; files: number }): Promise<void> {
    const account = await this.account(userId);
    const why = whyFull(account, this.quotaOf(account), all.bytes, all.files);
    if (why !== undefined) throw quotaExceeded(why);
  }

  /**
   * Reserves room for a file, by its id: a declared size whole, an unknown one step by step.
   * It ends by being counted or released; a reservation without a file is found by `sweep`.
   * @throws AppError QUOTA_EXCEEDED, FILE_TOO_LARGE
   */
  async reserve(viewer: Pick<SignedInViewer, "userId">, fileId: string, hint: SizeHint): Promise<Allowance> {
    const { userId } = viewer;
    const account = await this.account(userId);
    const quota = this.quotaOf(account);
    const least = leastOf(hint);
    this.check(account, least);
    const first = hint.declaredBytes ?? Math.min(STEP_BYTES, hint.mostBytes ?? STEP_BYTES);
    const room = { key: fileId, neededBytes: least, wantedBytes: Math.max(first, least) };
    let reserved = await this.usage.reserve(userId, room, quota);
    if (reserved === undefined) throw await this.refusal(userId, least);
    return {
      cover: async (bytes) => {
        if (bytes > quota.fileBytes) throw fileTooLarge(quota.fileBytes);
        if (bytes <= (reserved ?? 0)) return;
        const wanted = Math.min(bytes + STEP_BYTES, hint.mostBytes ?? Infinity);
        const more = { key: fileId, neededBytes: bytes, wantedBytes: Math.max(bytes, wanted) };
        reserved = await this.usage.extend(userId, more, quota);
        if (reserved === undefined) throw await this.refusal(userId, bytes, fileId);
      },
      trim: async (bytes) => {
        if (bytes < (reserved ?? 0)) await this.usage.trim(userId, fileId, bytes);
        reserved = bytes;
      },
    };
  }

  /** Gives a file's room back, as its upload failed. Safe to repeat. */
  release(userId: string, fileId: string): Promise<void> {
    return this.usage.release(userId, fileId);
  }

  /** Turns a file's reservation into use. Safe to repeat. */
  count(file: { id: string; ownerId: string; sizeBytes: number }): Promise<void> {
    return this.usage.count(file.ownerId, file.id, file.sizeBytes);
  }

  /**
   * Releases reservations of uploads that died before anything else of them was recorded.
   * @param existing which of these files there are, and whose
   */
  async sweep(
    limit: number,
    existing: (ids: readonly string[]) => Promise<{ id: string; ownerId: string }[]>,
  ): Promise<void> {
    const old = await this.usage.longReserved(limit);
    if (old.length === 0) return;
    const files = await existing(old.map(({ key }) => key));
    const ownerOf = new Map(files.map(({ id, ownerId }) => [id, ownerId]));
    for (const { userId, key } of old) {
      if (ownerOf.get(key) !== userId) await this.usage.releaseLong(userId, key);
      else await this.usage.keepReserved(userId, key);
    }
  }

  /**
   * Gives an account numbers of its own; administrators only.
   * @param seen its own numbers when this was decided; absent: whatever they are now
   * @throws AppError FORBIDDEN, NOT_FOUND, BAD_USER_INPUT with the field at fault; CONFLICT when they are not as seen
   */
  async set(viewer: Viewer, id: string, change: QuotaChange, seen?: OwnQuota): Promise<User> {
    if (!isAdmin(viewer)) throw forbidden("Only administrators change quotas.");
    if (QUOTA_NAMES.every((name) => change[name] === undefined)) {
      throw badInput("Say what to change: bytes, files, fileBytes or transfers.", "input");
    }
    const { transfers } = change;
    if (transfers != null && (transfers < 1 || transfers > MOST_TRANSFERS)) {
      throw badInput(`Give 1 to ${MOST_TRANSFERS} transfers at once.`, "input", "transfers");
    }
    if (change.files != null && change.files < 0) throw badInput("Give 0 files or more.", "input", "files");
    const changed = await this.accounts.setOwnQuota(id, change, seen);
    if (changed === undefined) throw await this.unlikeSeen(id, seen);
    const { before, after } = changed;
    await this.audit.record(viewer, {
      action: "user.quota-changed",
      target: { kind: "user", id, name: after.username },
      before: described(before.ownQuota),
      after: described(after.ownQuota),
    });
    return after;
  }

  private async unlikeSeen(id: string, seen: OwnQuota = {}): Promise<AppError> {
    const account = await this.accounts.find(id);
    if (account === undefined) return notFound("User");
    const changed = whatChanged(account.ownQuota, seen);
    // It may be as it was seen again by now.
    const words = changed === undefined ? "" : `: ${changed.words}`;
    const message = `Somebody else changed this quota meanwhile${words}. Load it again before you change it.`;
    return new AppError("CONFLICT", message, { changed: changed?.numbers ?? [] });
  }

  private check(account: Account, leastBytes: number): void {
    const quota = this.quotaOf(account);
    if (leastBytes > quota.fileBytes) throw fileTooLarge(quota.fileBytes);
    const why = whyFull(account, quota, leastBytes);
    if (why !== undefined) throw quotaExceeded(why);
  }

  /** What stood in the way, as far as it still does. */
  private async refusal(userId: string, bytes: number, extending?: string): Promise<Error> {
    const account = await this.account(userId);
    const more = extending === undefined ? bytes : 1;
    const room = extending === undefined ? account : { ...account, fileCount: account.fileCount - 1 };
    const why = whyFull(room, this.quotaOf(account), more);
    if (why !== undefined) return quotaExceeded(why);
    return extending === undefined
      ? quotaExceeded("The last room of this account went to other uploads just now. Try again.")
      : unavailable("The upload found no room at its end, or was given up. Upload again.");
  }

  private async account(userId: string): Promise<Account> {
    const account = await this.accounts.find(userId);
    if (account === undefined) throw unauthenticated();
    return account;
  }
}

/** A body of unknown size is taken for one that has at least a byte: a full account reads none of it. */
function leastOf({ declaredBytes }: SizeHint): number {
  return declaredBytes ?? 1;
}

function described(quota: OwnQuota): Record<string, number | null> {
  return Object.fromEntries(QUOTA_NAMES.map((name) => [name, quota[name] ?? null]));
}
