import { createClient } from "graphql-ws";
import WebSocket from "ws";

export interface Progress {
  readonly state: string;
  readonly partsDone: number;
  readonly partsTotal: number;
  readonly bytesSent: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  readonly waitingUntil: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const FOLLOW = `subscription ($fileId: ID) {
  transferProgress(fileId: $fileId) {
    state partsDone partsTotal bytesSent bytesTotal bytesPerSecond waitingUntil error { code message }
  }
}`;

/**
 * Follows a file's transfer over a subscription until it is done.
 * @returns the last progress
 * @throws when the transfer fails or is cancelled
 */
export async function follow(
  wsUrl: string,
  accessToken: string,
  fileId: string,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  const client = createClient({
    url: wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${accessToken}` },
  });
  try {
    let last: Progress | undefined;
    const events = client.iterate<{ transferProgress: Progress }>({ query: FOLLOW, variables: { fileId } });
    for await (const { data, errors } of events) {
      if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join("; "));
      if (data == null) continue;
      last = data.transferProgress;
      onProgress(last);
    }
    if (last?.state === "DONE") return last;
    const why =
      last?.error === null || last === undefined ? "" : `: ${last.error.message} (${last.error.code})`;
    throw new Error(`The transfer ended ${last?.state ?? "without a word"}${why}`);
  } finally {
    await client.dispose();
  }
}
