import path from "node:path";
import { dueFingerprint, GROUPS, note } from "./steps.mjs";
import { takeTurn } from "./turn.mjs";
import { ROOT } from "./tool.mjs";

/**
 * Installs, generates and builds what is missing or older than its sources. Does nothing, in milliseconds, when all
 * is current; one process at a time does the work.
 * @param say told in a short line what is being done
 */
export async function makeReady(say, groups = GROUPS) {
  if (groups.flat().every((step) => dueFingerprint(step) === undefined)) return;
  const giveBack = await takeTurn(path.join(ROOT, "dist/.making-ready"), say);
  try {
    for (const group of groups) await Promise.all(group.map((step) => ifDue(step, say)));
  } finally {
    giveBack();
  }
}

async function ifDue(step, say) {
  const fingerprint = dueFingerprint(step);
  if (fingerprint === undefined) return;
  if (step.alreadyDone?.() !== true) {
    say(step.doing);
    await step.run();
  }
  note(step, fingerprint);
}
