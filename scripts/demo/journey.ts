import { randomBytes } from "node:crypto";
import { GraphqlClient } from "../graphql-client.js";
import type { Ready } from "../ready-file.js";
import { describe, ProgressLine, rate, size } from "./display.js";
import { download } from "./download.js";
import { follow } from "./follow.js";
import type { Progress } from "./follow.js";
import { whatTelegramGot } from "./ledger.js";
import { peakRssBytes } from "./memory.js";
import type { Source } from "./source.js";
import { upload } from "./upload.js";
import type { UploadedFile } from "./upload.js";

/** The measured journey. Scripts outside rely on these names. */
export interface Journey {
  readonly ok: true;
  readonly bytes: number;
  readonly sha256: string;
  readonly parts: number;
  readonly replicas: number;
  readonly resent: number;
  readonly uploadMs: number;
  readonly transferMs: number;
  readonly downloadMs: number;
  readonly peakRssBytes: number;
}

const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }`;

/**
 * A new user's file goes in, into the chats, and out again.
 * @throws when anything that comes out is not what went in
 */
export async function makeJourney(ready: Ready, source: Source): Promise<Journey> {
  const accessToken = await register(ready.graphql);
  const sending = await timed(() => sendFile(ready, accessToken, source));
  const { file, sha256 } = sending.result;
  expectSame("size stored", source.size, file.size);
  expectSame("name stored", source.name.normalize("NFC"), file.name);
  expectSame("sha256 stored", sha256, file.sha256);

  const moving = await timed(() => followFile(ready, accessToken, file));
  const fetching = await timed(() => fetchFile(file));
  expectSame("size downloaded", source.size, fetching.result.size);
  expectSame("sha256 downloaded", sha256, fetching.result.sha256);
  expectSame("name downloaded", file.name, fetching.result.name);

  const sent =
    ready.sandbox.telegram === null ? undefined : await whatTelegramGot(ready.sandbox.telegram.url);
  return {
    ok: true,
    bytes: source.size,
    sha256,
    parts: moving.result.partsTotal,
    replicas: sent?.replicas ?? 0,
    resent: sent?.resent ?? 0,
    uploadMs: sending.ms,
    transferMs: moving.ms,
    downloadMs: fetching.ms,
    peakRssBytes: peakRssBytes(ready.processes.server),
  };
}

async function register(graphqlUrl: string): Promise<string> {
  const input = {
    username: "demo",
    email: "demo@telestash.local",
    password: randomBytes(12).toString("base64url"),
    acceptTerms: true,
    acceptPrivacy: true,
  };
  const client = new GraphqlClient(graphqlUrl);
  const { register: session } = await client.run<{ register: { accessToken: string } }>(REGISTER, { input });
  return session.accessToken;
}

async function sendFile(ready: Ready, accessToken: string, source: Source) {
  const line = new ProgressLine("upload");
  const show = (bytes: number): void => line.show(bytes, source.size, line.inPlace ? size(bytes) : "");
  show(0);
  const uploaded = await upload(ready.graphql, accessToken, source, show).finally(() => line.end());
  return uploaded;
}

async function followFile(ready: Ready, accessToken: string, file: UploadedFile): Promise<Progress> {
  const line = new ProgressLine("transfer");
  const show = (progress: Progress): void => {
    const speed = line.inPlace ? `  ${rate(progress.bytesPerSecond, 1000)}` : "";
    line.show(progress.bytesSent, progress.bytesTotal, `${describe(progress, Date.now())}${speed}`);
  };
  return follow(ready.ws, accessToken, file.id, show).finally(() => line.end());
}

async function fetchFile(file: UploadedFile) {
  const line = new ProgressLine("download");
  const show = (bytes: number): void => line.show(bytes, file.size, line.inPlace ? size(bytes) : "");
  show(0);
  return download(file.downloadUrl, show).finally(() => line.end());
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const begun = performance.now();
  const result = await work();
  return { result, ms: Math.round(performance.now() - begun) };
}

function expectSame(what: string, expected: string | number, found: string | number | undefined): void {
  if (found === expected) return;
  throw new Error(`The ${what} is ${String(found)}, not ${String(expected)}.`);
}
