import type { Readable } from "node:stream";
import { UsersService } from "../../server/admin/users.service.js";
import { Argon2Hasher } from "../../server/adapters/crypto/argon2-hasher.js";
import { HmacTokens } from "../../server/adapters/crypto/hmac-tokens.js";
import { connectMongo } from "../../server/adapters/mongo/connection.js";
import { MongoAccounts } from "../../server/adapters/mongo/mongo-accounts.js";
import { MongoAdministrators } from "../../server/adapters/mongo/mongo-administrators.js";
import { MongoAttempts } from "../../server/adapters/mongo/mongo-attempts.js";
import { MongoAudit } from "../../server/adapters/mongo/mongo-audit.js";
import { MongoEmailChanges, MongoPasswordResets } from "../../server/adapters/mongo/mongo-mailed-links.js";
import { translated } from "../../server/adapters/mongo/mongo-failures.js";
import { MongoInvites } from "../../server/adapters/mongo/mongo-invites.js";
import { MongoUserDirectory } from "../../server/adapters/mongo/mongo-user-directory.js";
import { MongoSessions } from "../../server/adapters/mongo/mongo-sessions.js";
import { AccountResolver } from "../../server/auth/account.resolver.js";
import { AccountService } from "../../server/auth/account.service.js";
import { AttemptLimits } from "../../server/auth/attempts.js";
import { AuthResolver } from "../../server/auth/auth.resolver.js";
import { Authenticator } from "../../server/auth/authenticator.js";
import { CredentialsService } from "../../server/auth/credentials.service.js";
import { InviteResolver } from "../../server/auth/invite.resolver.js";
import { InviteService } from "../../server/auth/invite.service.js";
import type { PageLink } from "../../server/auth/link-token.js";
import type { Mail, Mailer } from "../../server/auth/mailer.ports.js";
import { OutgoingMail } from "../../server/auth/outgoing-mail.js";
import { PasswordResetService } from "../../server/auth/password-reset.service.js";
import type { RegistrationMode } from "../../server/auth/registration.js";
import { SessionService } from "../../server/auth/session.service.js";
import type { HttpDeps } from "../../server/http/deps.js";
import type { IngestRule } from "../../server/http/ingest-watch.js";
import type { ResolverEntry } from "../../server/http/schema.js";
import { buildTelestashSchema } from "../../server/http/schema.js";
import { createHttpServer } from "../../server/http/server.js";
import type { Logger } from "../../server/kernel/log.js";
import { notFound, unauthenticated } from "../../server/kernel/errors.js";
import { startDatabase } from "./database.js";

const JWT_SECRET = "a secret for tests only, of enough characters";

/** A clock that a test moves by hand. */
export class Clock {
  private offsetMs = 0;
  readonly now = (): Date => new Date(Date.now() + this.offsetMs);
  advance(ms: number): void {
    this.offsetMs += ms;
  }
}

/** Keeps what was logged, so that a test can look for secrets in it. */
export class RecordingLog implements Logger {
  readonly lines: { level: string; fields: object; message: string }[] = [];
  debug = (fields: object, message: string): void => this.write("debug", fields, message);
  info = (fields: object, message: string): void => this.write("info", fields, message);
  warn = (fields: object, message: string): void => this.write("warn", fields, message);
  error = (fields: object, message: string): void => this.write("error", fields, message);
  private write(level: string, fields: object, message: string): void {
    this.lines.push({ level, fields, message });
  }
}

/** Counts the password hashes that were worked through. */
export class CountingHasher extends Argon2Hasher {
  verifications = 0;
  hashes = 0;

  override hash(password: string): Promise<string> {
    this.hashes += 1;
    return super.hash(password);
  }

  override verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    this.verifications += 1;
    return super.verify(passwordHash, password);
  }
}

/** Keeps what would have been mailed. */
export class RecordingMailer implements Mailer {
  readonly mails: Mail[] = [];
  send(mail: Mail): Promise<void> {
    this.mails.push(mail);
    return Promise.resolve();
  }
  check(): Promise<void> {
    return Promise.resolve();
  }
}

export interface HarnessOptions {
  config?: Partial<{
    production: boolean;
    maxFileBytes: number;
    frontends: string[];
    trustProxy: boolean | string;
  }>;
  uploads?: HttpDeps["uploads"];
  downloads?: HttpDeps["downloads"];
  previews?: HttpDeps["previews"];
  zips?: HttpDeps["zips"];
  checks?: HttpDeps["checks"];
  resolvers?: ResolverEntry[];
  consoleDir?: string;
  ingest?: IngestRule;
  mailer?: Mailer | undefined;
  registration?: RegistrationMode;
  termsUrl?: string;
  /** Multiplies the limits on attempts; as wide as a test needs when it is left out. */
  limitScale?: number;
}

/** The HTTP surface with real accounts over the sandbox database, and whatever ports a test brings. */
export async function startHttp(options: HarnessOptions = {}) {
  const mongo = await startDatabase();
  const connection = await connectMongo(mongo.uri, "telestash");
  const clock = new Clock();
  const log = new RecordingLog();
  const mailer = "mailer" in options ? options.mailer : new RecordingMailer();
  const mongoAccounts = new MongoAccounts(connection);
  const accounts = translated(mongoAccounts);
  const administrators = translated(new MongoAdministrators(connection, mongoAccounts));
  const directory = translated(new MongoUserDirectory(connection));
  const sessionStore = translated(new MongoSessions(connection));
  const resets = translated(new MongoPasswordResets(connection));
  const emailChanges = translated(new MongoEmailChanges(connection));
  const invites = translated(new MongoInvites(connection));
  const attempts = translated(new MongoAttempts(connection));
  const audit = new MongoAudit(connection, log, accounts);
  const stores = { accounts, sessions: sessionStore, resets, emailChanges, invites, attempts, audit };
  for (const store of Object.values(stores)) await store.syncIndexes();
  const hasher = new CountingHasher();
  const limits = new AttemptLimits(attempts, options.limitScale ?? 10_000);
  const mail = new OutgoingMail(mailer, log);
  const registration = options.registration ?? "open";
  const tokens = new HmacTokens(JWT_SECRET);
  const sessions = new SessionService(sessionStore, accounts, tokens, limits, audit, clock.now);
  const ports = { ...stores, hasher, limits, mail, log };
  const { now } = clock;
  const terms = { registration, termsUrl: options.termsUrl, privacyUrl: undefined };
  const accountService = new AccountService({ ...ports, sessionStore, sessions }, { terms, now });
  const authenticator = new Authenticator(tokens, sessionStore, accounts, clock.now);
  const link: PageLink = (page, token) => `https://stash.example/${page}/${token}`;
  const resetService = new PasswordResetService(ports, { maxAgeSeconds: 3600, link, now });
  const credentials = new CredentialsService(ports, { link, now });
  const inviteService = new InviteService({ ...ports, sessions }, { registration, link, now });
  const schema = await buildTelestashSchema([
    { type: AuthResolver, instance: new AuthResolver(accountService, sessions, resetService) },
    { type: AccountResolver, instance: new AccountResolver(accountService, sessions, credentials) },
    { type: InviteResolver, instance: new InviteResolver(inviteService) },
    ...(options.resolvers ?? []),
  ]);
  const http = await createHttpServer(
    {
      config: {
        production: options.config?.production ?? false,
        maxFileBytes: options.config?.maxFileBytes ?? 1024 * 1024,
        http: {
          host: "127.0.0.1",
          port: 0,
          trustProxy: options.config?.trustProxy ?? false,
          publicUrl: undefined,
          frontends: options.config?.frontends ?? [],
        },
      },
      schema,
      authenticator,
      uploads: options.uploads ?? {
        admit: ({ kind }) => (kind === "user" ? Promise.resolve() : Promise.reject(unauthenticated())),
        receive: (_viewer, _request, body) => swallow(body),
      },
      downloads: options.downloads ?? { open: () => Promise.reject(notFound("File")) },
      previews: options.previews ?? {
        thumbnail: () => Promise.reject(notFound("Thumbnail")),
        text: () => Promise.reject(notFound("File")),
      },
      zips: options.zips ?? {
        folder: () => Promise.reject(notFound("Folder")),
        selection: () => Promise.reject(notFound("File")),
        kept: () => Promise.reject(notFound("Selection")),
      },
      shares: noShares(),
      linksTo: (viewer, { id }) => {
        if (viewer.kind !== "user") return Promise.reject(unauthenticated());
        const token = authenticator.linkToken(viewer, { use: "save", id });
        return Promise.resolve({ downloadUrl: `${http.url}/files/${id}/content?token=${token}` });
      },
      anonymousUploads: false,
      dropLimits: { days: 5, fileBytes: 1 },
      receiveForm: () => Promise.reject(unauthenticated()),
      watch: async function* () {},
      watchCounters: async function* () {},
      auditExport: () => Promise.reject(notFound("Audit log")),
      checks: options.checks ?? [],
      log,
      ...(options.consoleDir !== undefined && { consoleDir: options.consoleDir }),
    },
    options.ingest,
  );
  await http.listen();
  return {
    url: http.url,
    http,
    clock,
    log,
    mailer: mailer as RecordingMailer,
    accounts,
    administrators,
    directory,
    users: new UsersService({ accounts, directory, administrators, resets: resetService, hasher, audit }),
    audit,
    sessions: sessionStore,
    accountService,
    hasher,
    /** Waits for the mails on their way. */
    mailsSent: () => mail.drain(30_000),
    authenticator,
    tokens,
    schema,
    mongo,
    connection,
    /** Posts a GraphQL document. */
    graphql: (query: string, variables?: object, headers: Record<string, string> = {}) =>
      postGraphql(http.url, query, variables, headers),
    close: async (): Promise<void> => {
      await http.close(1_000);
      await connection.close();
      await mongo.close();
    },
  };
}

export type HttpHarness = Awaited<ReturnType<typeof startHttp>>;

async function swallow(body: Readable): Promise<never> {
  for await (const chunk of body) void chunk;
  throw notFound("Folder");
}

export interface GraphqlReply {
  status: number;
  headers: Headers;
  data: Record<string, unknown> | null | undefined;
  errors: { message: string; path?: unknown[]; extensions: Record<string, unknown> }[];
}

export async function postGraphql(
  url: string,
  query: string,
  variables?: object,
  headers: Record<string, string> = {},
): Promise<GraphqlReply> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const reply = (await response.json()) as Pick<GraphqlReply, "data"> & Partial<GraphqlReply>;
  return { status: response.status, headers: response.headers, data: reply.data, errors: reply.errors ?? [] };
}

function noShares(): HttpDeps["shares"] {
  const none = () => Promise.reject(notFound("Share link"));
  return {
    ...{ open: none, unlock: none, lookAt: none, file: none, folder: none },
    ...{ text: none, thumbnail: none, zip: none, deliver: none },
  };
}
