import { ControlError } from "./api-error.js";

/** What a bot may do in a chat. Later rules win; a rule without bot or chat concerns all of them. */
export interface RightsRule {
  bot?: string;
  chat?: string;
  status?: "administrator" | "left" | "kicked";
  can_post_messages?: boolean;
  can_edit_messages?: boolean;
  can_delete_messages?: boolean;
}

export interface Rates {
  global?: number;
  perConnection?: number;
}

/** Everything about the stand-in that can be turned while it runs. */
export interface Settings {
  /** Flood limits. Size limits always hold. */
  limits: boolean;
  perChatPerSecond: number;
  perChatBurst: number;
  perChatPerMinute: number;
  perBotPerSecond: number;
  /** The rule that spaces requests of equal size, and the factor by which smaller files stand for large ones. */
  equalSize: boolean;
  sizeScale: number;
  /** How many times faster than real the windows of the limits pass; `retry_after` is real time all the same. */
  timeScale: number;
  /** Whether downloads honour Range. Telegram documents neither yes nor no. */
  range: boolean;
  /** The stand-in plays a local Bot API server: absolute paths, 2000 MB. */
  local: boolean;
  linkLifetimeMs: number;
  /** Bytes per second at which the first getFile of a document fetches it. */
  getFileBps?: number;
  bandwidth: { up?: Rates; down?: Rates };
  rights: RightsRule[];
  seed: number;
}

export type SettingChanges = Partial<Settings>;

export const DEFAULT_SETTINGS: Settings = {
  limits: false,
  perChatPerSecond: 1,
  perChatBurst: 3,
  perChatPerMinute: 20,
  perBotPerSecond: 30,
  equalSize: true,
  sizeScale: 1,
  timeScale: 1,
  range: true,
  local: false,
  linkLifetimeMs: 3_600_000,
  bandwidth: {},
  rights: [],
  seed: 1,
};

type Check = (value: unknown) => boolean;

const flag: Check = (value) => typeof value === "boolean";
const positive: Check = (value) => typeof value === "number" && Number.isFinite(value) && value > 0;
const text: Check = (value) => typeof value === "string";
const rates = shape({ global: positive, perConnection: positive });

const SETTING_CHECKS: Record<keyof Settings, Check> = {
  limits: flag,
  perChatPerSecond: positive,
  perChatBurst: positive,
  perChatPerMinute: positive,
  perBotPerSecond: positive,
  equalSize: flag,
  sizeScale: positive,
  timeScale: positive,
  range: flag,
  local: flag,
  linkLifetimeMs: positive,
  getFileBps: positive,
  bandwidth: shape({ up: rates, down: rates }),
  rights: (value) => Array.isArray(value) && value.every(isRightsRule),
  seed: (value) => Number.isSafeInteger(value),
};

/** Refuses settings that the stand-in does not have or cannot take: it never accepts and ignores. */
export function checkSettings(body: Record<string, unknown>): SettingChanges {
  checkFields(body, SETTING_CHECKS, "config");
  return body;
}

/** Throws a ControlError for a field that is unknown or fails its check. */
export function checkFields(
  body: Record<string, unknown>,
  checks: Record<string, Check>,
  what: string,
): void {
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw new ControlError(`${what}: unknown field "${name}"`);
    if (!check(value)) throw new ControlError(`${what}: bad value for "${name}": ${JSON.stringify(value)}`);
  }
}

function shape(checks: Record<string, Check>): Check {
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, inner]) => checks[name]?.(inner) ?? false);
}

function isRightsRule(value: unknown): boolean {
  const status: Check = (given) => ["administrator", "left", "kicked"].includes(given as string);
  return shape({
    bot: text,
    chat: text,
    status,
    can_post_messages: flag,
    can_edit_messages: flag,
    can_delete_messages: flag,
  })(value);
}
