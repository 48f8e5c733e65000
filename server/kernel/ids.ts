import { createHash } from "node:crypto";
import { ObjectId } from "bson";

/** A new opaque id: 24 lower-case hex digits, growing with time. Ids are strings everywhere, so none is malformed. */
export function newId(): string {
  return new ObjectId().toHexString();
}

/** The id of what is made from other things: whoever makes it again after a crash finds it under the same one. */
export function idFrom(...ids: readonly string[]): string {
  return createHash("sha256").update(ids.join(" ")).digest("hex").slice(0, 24);
}
