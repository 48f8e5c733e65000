import { isAdmin } from "./context.js";
import type { Viewer } from "./context.js";
import { operatorText } from "./errors.js";
import type { Told } from "./errors.js";

/** A failure in the words for this viewer: what the operator does about it is for administrators. */
export function toldTo(viewer: Viewer, failure: Told): string {
  return isAdmin(viewer) ? operatorText(failure) : failure.message;
}
