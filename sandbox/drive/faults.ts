import { BadControl, numberIn, refuseUnknown } from "./control-input.js";

/** What a call does, as faults and counters name it. */
export const OPERATIONS = [
  "token",
  "session",
  "piece",
  "status",
  "cancel",
  "get",
  "download",
  "update",
  "delete",
  "create",
  "list",
  "generateIds",
  "about",
] as const;
export type Operation = (typeof OPERATIONS)[number];

type Parameter = "ms" | "status" | "bytes" | "retryAfter";

interface KindRule {
  /** Operations it can strike; absent: all. */
  readonly on?: readonly Operation[];
  readonly parameters: readonly Parameter[];
}

const API_CALLS = OPERATIONS.filter((operation) => operation !== "token");

const KINDS = {
  latency: { parameters: ["ms"] },
  hang: { parameters: [] },
  reset: { parameters: [] },
  lostResponse: { parameters: [] },
  truncateResponse: { on: OPERATIONS.filter((o) => o !== "download"), parameters: [] },
  "5xx": { parameters: ["status", "retryAfter"] },
  "429": { on: API_CALLS, parameters: ["retryAfter"] },
  "403rate": { on: API_CALLS, parameters: [] },
  "401": { on: API_CALLS, parameters: [] },
  resetMidBody: { on: ["piece"], parameters: ["bytes"] },
  keepPart: { on: ["piece"], parameters: ["bytes"] },
  sessionGone: { on: ["piece", "status"], parameters: [] },
  storageQuota: { on: ["session", "piece", "create"], parameters: [] },
  corrupt: { on: ["piece", "download"], parameters: [] },
  truncate: { on: ["download"], parameters: ["bytes"] },
  abusive: { on: ["download"], parameters: [] },
  expiredRefresh: { on: ["token"], parameters: [] },
} as const satisfies Record<string, KindRule>;

export type FaultKind = keyof typeof KINDS;

/** Something that goes wrong on purpose: on which calls, how often, and what. */
export interface FaultInput {
  match?: { service?: "drive"; op?: Operation | readonly Operation[] };
  kind: FaultKind;
  /** Only each n-th matching call. */
  every?: number;
  /** Only with this probability, drawn from the seeded generator. */
  prob?: number;
  /** Only so many times. */
  times?: number;
  /** Only after so many matching calls went well. */
  after?: number;
  ms?: number;
  status?: number;
  bytes?: number;
  retryAfter?: number;
}

export type Fault = Readonly<FaultInput>;

interface Armed {
  readonly fault: Fault;
  readonly operations: readonly Operation[];
  seen: number;
  struck: number;
}

/** The faults in force and their seeded dice. */
export class Faults {
  private armed: Armed[] = [];
  private state: number;

  constructor(private readonly seed: number) {
    this.state = seed;
  }

  /** @throws BadControl for a kind, field or combination that would do nothing */
  add(input: unknown): void {
    const fault = checkFault(input);
    const possible: readonly Operation[] = (KINDS[fault.kind] as KindRule).on ?? OPERATIONS;
    const asked = fault.match?.op === undefined ? possible : [fault.match.op].flat();
    const useless = asked.find((operation) => !possible.includes(operation));
    if (useless !== undefined) throw new BadControl(`${fault.kind} cannot strike ${useless}`);
    this.armed.push({ fault, operations: asked, seen: 0, struck: 0 });
  }

  /** The first fault that strikes this call. */
  strike(operation: Operation): Fault | undefined {
    for (const armed of this.armed) {
      if (!armed.operations.includes(operation)) continue;
      const { every = 1, prob = 1, times = Infinity, after = 0 } = armed.fault;
      const turn = ++armed.seen - after;
      if (turn <= 0 || turn % every !== 0 || armed.struck >= times) continue;
      if (prob < 1 && this.random() >= prob) continue;
      armed.struck++;
      return armed.fault;
    }
    return undefined;
  }

  clear(): void {
    this.armed = [];
    this.state = this.seed;
  }

  /** mulberry32: small, seeded, good enough for dice. */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

const SELECTORS = ["every", "prob", "times", "after"] as const;

function checkFault(input: unknown): Fault {
  const given = refuseUnknown(input, ["match", "kind", ...SELECTORS, "ms", "status", "bytes", "retryAfter"]);
  const { kind } = given;
  if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) {
    throw new BadControl(
      `unknown fault kind ${JSON.stringify(kind)}; known: ${Object.keys(KINDS).join(", ")}`,
    );
  }
  const rule: KindRule = KINDS[kind as FaultKind];
  refuseUnknown(given, ["match", "kind", ...SELECTORS, ...rule.parameters]);
  for (const [name, value] of Object.entries(given)) {
    if (name !== "match" && name !== "kind") numberIn(name, value, name === "every" ? 1 : 0);
  }
  if (given["match"] !== undefined) checkMatch(given["match"]);
  return given as unknown as Fault;
}

function checkMatch(input: unknown): void {
  const { service, op } = refuseUnknown(input, ["service", "op"]);
  if (service !== undefined && service !== "drive") throw new BadControl("match.service is drive here");
  for (const operation of op === undefined ? [] : [op].flat()) {
    if (!(OPERATIONS as readonly unknown[]).includes(operation)) {
      throw new BadControl(`unknown match.op ${JSON.stringify(operation)}; known: ${OPERATIONS.join(", ")}`);
    }
  }
}
