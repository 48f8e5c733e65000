import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { Account } from "./administrator.js";
import type { Service } from "./services.js";

/** What `READY_FILE` holds once everything answers. Scripts outside rely on these names. */
export interface Ready {
  readonly pid: number;
  readonly processes: { readonly server: number } & Readonly<Record<Service, number | null>>;
  readonly url: string;
  readonly graphql: string;
  readonly ws: string;
  readonly console: string;
  readonly admin: Account | null;
  readonly mail: string | null;
  readonly sandbox: {
    readonly mongodb: string | null;
    readonly telegram: { url: string; tokens: readonly string[]; chats: readonly string[] } | null;
    readonly drive: {
      url: string;
      tokenUrl: string;
      clientId: string;
      clientSecret: string;
      refreshToken: string;
    } | null;
  };
}

/** Readable by its owner alone: it holds a password and the sandbox's keys. */
export function writeReadyFile(file: string, ready: Ready): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(ready)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

export function removeReadyFile(file: string): void {
  rmSync(file, { force: true });
}
