import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startDrive } from "../../sandbox/drive/server.js";
import { startMail } from "../../sandbox/mail/server.js";
import { startTelegram } from "../../sandbox/telegram/server.js";
import { compose } from "../../server/compose.js";
import type { App, ProcessRole } from "../../server/compose.js";
import { configurationOf } from "../../server/compose/configuration.js";
import type { FileFieldsFragment, Sdk, UploadFileMutationVariables } from "./generated/sdk.js";
import { UploadFileDocument } from "./generated/sdk.js";
import { startDatabase } from "./database.js";
import { sdkFor, sendMultipart } from "./graphql.js";

export type World = Awaited<ReturnType<typeof startWorld>>;
export type TestServer = Awaited<ReturnType<typeof startServer>>;
/** Somebody signed in: the SDK as that user, with the tokens. */
export type Person = Sdk & {
  id: string;
  accessToken: string;
  upload(
    bytes: Uint8Array,
    options?: Partial<Omit<UploadFileMutationVariables, "file">>,
  ): Promise<FileFieldsFragment>;
  download(url: string, headers?: Record<string, string>): Promise<Response>;
};

/** Built before the tests run. */
const CONSOLE_DIR = path.resolve(import.meta.dirname, "../../dist/admin");

/** The four stand-ins, and the environment that points a server at them. */
export async function startWorld(options: { limits?: boolean; chats?: string[]; tokens?: string[] } = {}) {
  const dataDir = await mkdtemp(path.join(tmpdir(), "telestash-test-"));
  const { limits = false, chats, tokens } = options;
  const mongo = await startDatabase();
  const telegram = await startTelegram({ limits, ...(chats && { chats }), ...(tokens && { tokens }) });
  const drive = await startDrive({ limits });
  const mail = await startMail({});
  const environment = {
    NODE_ENV: "test",
    PORT: "0",
    DATA_DIR: dataDir,
    LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "silent",
    MONGODB_URI: mongo.uri,
    TELEGRAM_BOT_TOKEN: telegram.tokens.join(","),
    TELEGRAM_CHAT_IDS: telegram.chats.join(","),
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_LANE_PER_MINUTE: limits ? "20" : "100000",
    TELEGRAM_PART_BYTES: String(1024 * 1024),
    GDRIVE_CLIENT_ID: drive.clientId,
    GDRIVE_CLIENT_SECRET: drive.clientSecret,
    GDRIVE_REFRESH_TOKEN: drive.refreshToken,
    GOOGLE_API_ROOT: drive.url,
    GOOGLE_TOKEN_URL: drive.tokenUrl,
    MAIL_SERVER: mail.smtp.host,
    MAIL_PORT: String(mail.smtp.port),
    MAIL_USE_TLS: "false",
    MAIL_USERNAME: mail.smtp.username,
    MAIL_PASSWORD: mail.smtp.password,
    MAIL_SENDER_EMAIL: "telestash@example.com",
    RATE_LIMIT_SCALE: "10000",
    ADMIN_EMAIL: "admin@example.com",
    ADMIN_PASSWORD: "correct horse battery staple",
  };
  return {
    mongo,
    telegram,
    drive,
    mail,
    environment,
    async close(): Promise<void> {
      await Promise.all([telegram.close(), drive.close(), mail.close(), mongo.close()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A whole Telestash in this process, on free ports with its own data: stand-ins, API and worker. */
export async function startServer(
  options: {
    limits?: boolean;
    chats?: string[];
    tokens?: string[];
    world?: World;
    role?: ProcessRole;
    environment?: Record<string, string>;
  } = {},
) {
  const world = options.world ?? (await startWorld(options));
  const config = configurationOf({ ...world.environment, ...options.environment });
  const app: App = await compose(config, options.role ?? "all", CONSOLE_DIR);
  const url = app.url ?? "";
  return {
    world,
    app,
    url,
    admin: { email: world.environment.ADMIN_EMAIL, password: world.environment.ADMIN_PASSWORD },
    anonymous: sdkFor(url),
    /** A new user, signed in. */
    async user(): Promise<Person> {
      const username = `user-${randomBytes(6).toString("hex")}`;
      const input = {
        username,
        email: `${username}@example.com`,
        password: "a long enough password",
        acceptTerms: true,
        acceptPrivacy: true,
      };
      const { register } = await sdkFor(url).register({ input });
      return personFor(url, register.accessToken);
    },
    administrator: () => administratorOf(url, world),
    async close(): Promise<void> {
      await app.stop();
      if (options.world === undefined) await world.close();
    },
  };
}

/** The first administrator of a server over a world. */
export async function administratorOf(url: string, { environment }: World): Promise<Person> {
  const { ADMIN_EMAIL: login, ADMIN_PASSWORD: password } = environment;
  return personFor(url, (await sdkFor(url).login({ input: { login, password } })).login.accessToken);
}

/** Whoever an access token belongs to, at a server. */
export async function personFor(url: string, accessToken: string): Promise<Person> {
  const sdk = sdkFor(url, accessToken);
  const { me } = await sdk.me();
  return {
    ...sdk,
    id: me.id,
    accessToken,
    async upload(bytes, { name = "file.bin", ...more } = {}) {
      const files = [{ path: "variables.file", name: "upload", bytes }];
      const data = await sendMultipart(
        url,
        accessToken,
        UploadFileDocument,
        { file: null, name, ...more },
        files,
      );
      return (data as { uploadFile: FileFieldsFragment }).uploadFile;
    },
    download: (link, headers = {}) => fetch(link, { headers }),
  };
}
