import { randomBytes } from "node:crypto";
import { badRequest } from "./api-error.js";

const PREFIX = "BQAC";
const MARK = "f1";

/**
 * A file id as a bot sees it: valid for that bot only, different each time, and readable without a table. Clients
 * must treat it as opaque.
 */
export function fileIdFor(bot: string, file: number): string {
  const text = [MARK, bot, file, randomBytes(4).toString("hex")].join(":");
  return `${PREFIX}${Buffer.from(text).toString("base64url")}`;
}

/**
 * The file that an id of this bot means.
 * @param wrongBot description of the error for another bot's id; it depends on the method
 */
export function fileOf(fileId: string, bot: string, wrongBot: string): number {
  const parts = Buffer.from(fileId.slice(PREFIX.length), "base64url").toString("latin1").split(":");
  const [mark, owner, file] = parts;
  if (!fileId.startsWith(PREFIX) || parts.length !== 4 || mark !== MARK || !/^\d+$/.test(file ?? "")) {
    throw badRequest("invalid file_id");
  }
  if (owner !== bot) throw badRequest(wrongBot);
  return Number(file);
}
