import { ControlError } from "./api-error.js";
import { seededRandom } from "./random.js";
import { checkFields } from "./settings.js";

/** What a fault needs to know about a request. `chats` is undefined until they are known. */
export interface Struck {
  op: string;
  bot: string | undefined;
  chats: readonly string[] | undefined;
}

const whole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const anything = (): boolean => true;

/** Fault kinds, the fields each takes beside `match`, `every`, `prob`, `times` and `after`. */
const KINDS = {
  latency: { ms: whole },
  hang: {},
  "429": { retryAfter: anything },
  "401": {},
  "5xx": { status: (value: unknown) => whole(value) && Number(value) >= 500 && Number(value) < 600 },
  reset: {},
  resetMidBody: { bytes: whole },
  lostResponse: {},
  truncateResponse: {},
  truncate: { bytes: whole },
  corrupt: {},
  stalePath: {},
} satisfies Record<string, Record<string, (value: unknown) => boolean>>;

export type FaultKind = keyof typeof KINDS;

export interface Fault {
  kind: FaultKind;
  ms?: number;
  bytes?: number;
  status?: number;
  /** Given to the client as it is, absurd values too; absent means no retry_after at all. */
  retryAfter?: unknown;
}

interface Rule extends Fault {
  match: { service?: string; op?: string; bot?: string | number; chat?: string | number };
  every?: number;
  prob?: number;
  times?: number;
  after?: number;
  matched: number;
  fired: number;
  random: () => number;
}

const count = (value: unknown): boolean => whole(value) && Number(value) > 0;
const text = (value: unknown): boolean => typeof value === "string";
const id = (value: unknown): boolean => typeof value === "string" || Number.isSafeInteger(value);

const RULE_CHECKS = {
  match: (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value),
  every: count,
  prob: (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1,
  times: count,
  after: whole,
  seed: (value: unknown): boolean => Number.isSafeInteger(value),
};

const MATCH_CHECKS = {
  service: (value: unknown): boolean => value === "telegram",
  op: text,
  bot: id,
  chat: id,
};
const DOWNLOAD_ONLY: readonly FaultKind[] = ["truncate", "stalePath"];

/** The faults that somebody asked for, and their seeded dice. */
export class Faults {
  private rules: Rule[] = [];
  private firedByKind: Partial<Record<FaultKind, number>> = {};

  /** @throws ControlError for a kind or a field that does not exist */
  add(body: Record<string, unknown>, seed: number): void {
    const { kind: given, ...rest } = body;
    const kind = kindOf(given);
    if (kind === undefined) throw new ControlError(`fault: no such kind: ${JSON.stringify(given)}`);
    checkFields(rest, { ...RULE_CHECKS, ...KINDS[kind] }, `fault ${kind}`);
    const match = (body["match"] ?? {}) as Rule["match"];
    checkFields({ ...match }, MATCH_CHECKS, "fault match");
    const op = match.op?.toLowerCase();
    if (DOWNLOAD_ONLY.includes(kind) && op !== undefined && op !== "download") {
      throw new ControlError(`fault ${kind}: only for the op "download"`);
    }
    const random = seededRandom(Number(body["seed"] ?? seed + this.rules.length));
    this.rules.push({ ...(rest as Partial<Rule>), kind, match, matched: 0, fired: 0, random });
  }

  clear(): void {
    this.rules = [];
    this.firedByKind = {};
  }

  get fired(): Partial<Record<FaultKind, number>> {
    return { ...this.firedByKind };
  }

  /**
   * Rolls the dice of every rule that can be decided with what is known of the request and was not decided before.
   * @param decided rules already decided for this request; grows
   */
  strike(request: Struck, decided: Set<object>): Fault[] {
    return this.rules.filter((rule) => {
      if (decided.has(rule) || (rule.match.chat !== undefined && request.chats === undefined)) return false;
      decided.add(rule);
      return isMatch(rule, request) && this.fires(rule);
    });
  }

  private fires(rule: Rule): boolean {
    rule.matched += 1;
    const turn = rule.matched - (rule.after ?? 0);
    if (turn <= 0 || rule.fired >= (rule.times ?? Infinity)) return false;
    if (rule.every !== undefined && turn % rule.every !== 0) return false;
    if (rule.prob !== undefined && rule.random() >= rule.prob) return false;
    rule.fired += 1;
    this.firedByKind[rule.kind] = (this.firedByKind[rule.kind] ?? 0) + 1;
    return true;
  }
}

/** 429 and 401 may come as numbers. */
function kindOf(value: unknown): FaultKind | undefined {
  const name = typeof value === "number" ? String(value) : value;
  return typeof name === "string" && Object.hasOwn(KINDS, name) ? (name as FaultKind) : undefined;
}

function isMatch({ kind, match }: Rule, request: Struck): boolean {
  if (DOWNLOAD_ONLY.includes(kind) && request.op !== "download") return false;
  if (match.op !== undefined && match.op.toLowerCase() !== request.op.toLowerCase()) return false;
  if (match.bot !== undefined && String(match.bot) !== request.bot) return false;
  return match.chat === undefined || (request.chats ?? []).includes(String(match.chat));
}
