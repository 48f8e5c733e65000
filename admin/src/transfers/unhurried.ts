const PAUSE_MS = 1_000;

/**
 * Does something at most once at a time and with a pause after it, however often it is asked for: a folder of a thousand
 * files asks a thousand times. What is asked for meanwhile is done once, afterwards.
 */
export function unhurried(act: () => Promise<unknown>, pauseMs = PAUSE_MS): () => void {
  let isBusy = false;
  let isAskedAgain = false;

  const start = () => {
    isBusy = true;
    isAskedAgain = false;
    const rest = () => void setTimeout(rested, pauseMs);
    act().then(rest, rest);
  };
  const rested = () => {
    isBusy = false;
    if (isAskedAgain) start();
  };
  return () => {
    if (isBusy) isAskedAgain = true;
    else start();
  };
}
