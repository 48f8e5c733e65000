import { CloseCode, createClient } from "graphql-ws";
import type { Client } from "graphql-ws";
import type { Session } from "./session.js";

const PING_EVERY_MS = 15_000;
/** A connection on which nothing comes back is dead, though neither side was told: a laptop slept, a network went away. */
const ANSWER_WITHIN_MS = 10_000;
const LONGEST_WAIT_MS = 15_000;

/**
 * The socket for what is live, opened with the first subscription. Comes back by itself as long as somebody is signed in,
 * each time with a token that is still good.
 */
export function liveSocket(url: string, session: Session): Client {
  let token: string | undefined;
  let isRefused = false;
  let unanswered: ReturnType<typeof setTimeout> | undefined;

  const socket = createClient({
    url,
    connectionParams: async () => {
      // Whatever our clock says of a token that the server refused: another one, or the session is over.
      token = await (isRefused ? session.renew(token) : session.token());
      isRefused = false;
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    },
    connectionAckWaitTimeout: ANSWER_WITHIN_MS,
    retryAttempts: Number.MAX_SAFE_INTEGER,
    retryWait: (retries) =>
      waitUntilOnline(Math.min(1000 * 2 ** retries, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2)),
    shouldRetry: () => session.isOpen,
    keepAlive: PING_EVERY_MS,
    on: {
      ping: (isTheirs) => {
        if (!isTheirs) unanswered = setTimeout(() => socket.terminate(), ANSWER_WITHIN_MS);
      },
      pong: (isTheirs) => {
        if (isTheirs) clearTimeout(unanswered);
      },
      closed: (event) => {
        clearTimeout(unanswered);
        isRefused ||= (event as CloseEvent).code === (CloseCode.Forbidden as number);
      },
    },
  });
  return socket;
}

/** Waits, but not longer than until the network is back. */
function waitUntilOnline(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
  });
}
