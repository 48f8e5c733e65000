import { setTimeout as delay } from "node:timers/promises";
import type { User } from "../auth/user.js";
import type { Viewer } from "../kernel/context.js";
import { badInput } from "../kernel/errors.js";
import { requireAdministrator } from "./administrator.js";
import type { Counters, Day, Happenings, StatisticsStore, Totals } from "./statistics.ports.js";
import type { UserDirectory } from "./users.ports.js";

const DAY_MS = 24 * 3_600_000;
const MOST_DAYS = 366;
const MOST_USERS = 100;
const PER_SWEEP = 100;
const WATCH_MS = 1_000;
/** Several who watch share what was read less than this ago. */
const SHARED_MS = 500;

/**
 * Numbers for administrators. Days are counted as things happen. Totals are counted again over indexes while somebody
 * looks, at most once a second and for at most a twentieth of the time, and kept for everybody who looks meanwhile:
 * they can be late, by that much, but never stay wrong.
 */
export class StatisticsService {
  private counting: Promise<Totals> | undefined;
  private shared: { counters: Promise<Counters>; until: number } | undefined;

  constructor(
    private readonly store: StatisticsStore,
    private readonly happenings: Happenings,
    private readonly directory: Pick<UserDirectory, "list">,
  ) {}

  /** @throws AppError FORBIDDEN */
  async counters(viewer: Viewer): Promise<Counters> {
    requireAdministrator(viewer);
    return this.read();
  }

  /** The last days, today included, the oldest first. @throws AppError FORBIDDEN, BAD_USER_INPUT */
  async days(viewer: Viewer, last: number): Promise<Day[]> {
    requireAdministrator(viewer);
    if (last < 1 || last > MOST_DAYS) throw badInput(`Ask for 1 to ${MOST_DAYS} days.`, "last");
    const now = Date.now();
    const names = Array.from({ length: last }, (_, i) => dayOf(now - (last - 1 - i) * DAY_MS));
    const found = await this.store.days(names[0] ?? dayOf(now), dayOf(now));
    return names.map((name) => found.find((day) => day.name === name) ?? quiet(name));
  }

  /** Those whose files take most room, the most first. @throws AppError FORBIDDEN, BAD_USER_INPUT */
  async topUsers(viewer: Viewer, first: number): Promise<User[]> {
    requireAdministrator(viewer);
    if (first < 1 || first > MOST_USERS) throw badInput(`Ask for 1 to ${MOST_USERS} users.`, "first");
    const order = { field: "USAGE", descending: true } as const;
    const page = await this.directory.list({ archived: false }, order, { count: first, backward: false });
    return page.items.map(({ node }) => node).filter(({ bytesUsed }) => bytesUsed > 0);
  }

  /** Counts at once, however fresh what is kept is. @throws AppError FORBIDDEN */
  async recount(viewer: Viewer): Promise<Counters> {
    requireAdministrator(viewer);
    await this.count();
    this.shared = undefined;
    return this.read();
  }

  /** The numbers now, and whenever they changed, at most once a second. @throws AppError FORBIDDEN */
  async *watch(viewer: Viewer, signal: AbortSignal): AsyncGenerator<Counters> {
    requireAdministrator(viewer);
    let seen = "";
    while (!signal.aborted) {
      const counters = await this.read();
      const shown = JSON.stringify({ ...counters, totals: { ...counters.totals, asOf: undefined } });
      if (shown !== seen) yield counters;
      seen = shown;
      await delay(WATCH_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Adds what happened to its day. */
  async sweep(signal: AbortSignal): Promise<void> {
    for (const happening of await this.happenings.unrecorded(PER_SWEEP)) {
      signal.throwIfAborted();
      await this.store.record(happening);
      await this.happenings.markRecorded(happening);
    }
  }

  private read(): Promise<Counters> {
    if (this.shared === undefined || performance.now() > this.shared.until) {
      const counters = this.readNow();
      this.shared = { counters, until: performance.now() + SHARED_MS };
      counters.catch(() => (this.shared = undefined));
    }
    return this.shared.counters;
  }

  private async readNow(): Promise<Counters> {
    const name = dayOf(Date.now());
    const [kept, transfers, days] = await Promise.all([
      this.store.freshTotals(),
      this.store.transfers(),
      this.store.days(name, name),
    ]);
    return { totals: kept ?? (await this.count()), transfers, today: days[0] ?? quiet(name) };
  }

  /** Many who look at once cause one count. */
  private count(): Promise<Totals> {
    this.counting ??= this.store.recount().finally(() => (this.counting = undefined));
    return this.counting;
  }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function quiet(name: string): Day {
  return { name, uploads: 0, uploadedBytes: 0, transfersDone: 0, transferredBytes: 0, transfersFailed: 0 };
}
