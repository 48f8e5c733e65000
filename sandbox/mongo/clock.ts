let time = new Date();

/** Fixes what `$$NOW` is for the whole of one command. */
export function startCommandTime(): void {
  time = new Date();
}

/** The time at which the command now being run began. */
export const commandTime = (): Date => time;
