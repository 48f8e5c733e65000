import type { Authenticator } from "../auth/authenticator.js";
import type { SignedInViewer } from "../kernel/context.js";
import type { Logger } from "../kernel/log.js";

const EVERY_MS = 3_000;

/** Ends what outlives a request when its session ends: signed out, archived, or given another role. */
export class SessionWatch {
  private readonly watched = new Map<SignedInViewer, () => void>();
  private readonly timer: NodeJS.Timeout;
  private looking = false;

  constructor(
    private readonly authenticator: Pick<Authenticator, "stillSignedIn">,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => void this.look(), EVERY_MS);
    this.timer.unref();
  }

  /** @returns what to call when the connection ends by itself */
  add(viewer: SignedInViewer, end: () => void): () => void {
    this.watched.set(viewer, end);
    return () => this.watched.delete(viewer);
  }

  close(): void {
    clearInterval(this.timer);
    this.watched.clear();
  }

  private async look(): Promise<void> {
    if (this.looking || this.watched.size === 0) return;
    this.looking = true;
    const viewers = [...this.watched.keys()];
    try {
      const present = await this.authenticator.stillSignedIn(viewers);
      for (const viewer of viewers) if (!present.has(viewer)) this.watched.get(viewer)?.();
    } catch (error) {
      this.log.warn({ err: error }, "open sockets could not be checked; they are checked again shortly");
    } finally {
      this.looking = false;
    }
  }
}
