/** A control request that would do nothing or the wrong thing. */
export class BadControl extends Error {
  override readonly name = "BadControl";
}

/**
 * What can go wrong: 535 refuses the password, 550 the recipient, 451 the mail for now, 421 the connection; delay
 * makes the mail wait `ms`; drop cuts the connection instead of acknowledging the mail.
 */
export const FAULT_KINDS = ["535", "550", "451", "421", "delay", "drop"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultInput {
  kind: FaultKind;
  /** Only so many times. */
  times?: number;
  /** Only after so many occasions went well. */
  after?: number;
  /** Only each n-th occasion. */
  every?: number;
  /** How long a delay lasts. */
  ms?: number;
}

interface Armed {
  readonly fault: FaultInput;
  seen: number;
  struck: number;
}

/** The faults in force. */
export class Faults {
  private armed: Armed[] = [];

  /** @throws BadControl for a kind or field that would do nothing */
  add(input: unknown): void {
    this.armed.push({ fault: checkFault(input), seen: 0, struck: 0 });
  }

  /** The fault of one of these kinds that strikes now. */
  strike(...kinds: FaultKind[]): FaultInput | undefined {
    for (const armed of this.armed) {
      const { kind, times = Infinity, after = 0, every = 1 } = armed.fault;
      if (!kinds.includes(kind)) continue;
      const turn = ++armed.seen - after;
      if (turn <= 0 || turn % every !== 0 || armed.struck >= times) continue;
      armed.struck++;
      return armed.fault;
    }
    return undefined;
  }

  clear(): void {
    this.armed = [];
  }
}

function checkFault(input: unknown): FaultInput {
  if (typeof input !== "object" || input === null) throw new BadControl("a JSON object is needed");
  for (const [name, value] of Object.entries(input)) {
    if (name === "kind") continue;
    if (!["times", "after", "every", "ms"].includes(name)) throw new BadControl(`unknown field ${name}`);
    if (!Number.isSafeInteger(value) || value < (name === "every" ? 1 : 0)) {
      throw new BadControl(`${name} takes a whole number`);
    }
  }
  const { kind, ms } = input as Partial<FaultInput>;
  if (kind === undefined || !FAULT_KINDS.includes(kind)) {
    throw new BadControl(`unknown fault kind ${JSON.stringify(kind)}; known: ${FAULT_KINDS.join(", ")}`);
  }
  if (ms !== undefined && kind !== "delay") throw new BadControl(`${kind} takes no ms`);
  return input as FaultInput;
}
