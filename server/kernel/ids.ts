import { ObjectId } from "bson";

/** A new opaque id: 24 lower-case hex digits, growing with time. Ids are strings everywhere, so none is malformed. */
export function newId(): string {
  return new ObjectId().toHexString();
}
