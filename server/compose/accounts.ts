import { Argon2Hasher } from "../adapters/crypto/argon2-hasher.js";
import { HmacTokens } from "../adapters/crypto/hmac-tokens.js";
import { AccountResolver } from "../auth/account.resolver.js";
import { AccountService } from "../auth/account.service.js";
import { AttemptLimits } from "../auth/attempts.js";
import type { AttemptCounter } from "../auth/attempts.js";
import type {
  AccountStore,
  AdministratorGuard,
  EmailChange,
  InviteStore,
  MailedLinkStore,
  PasswordReset,
  SessionStore,
  UsageStore,
} from "../auth/auth.ports.js";
import { AuthResolver } from "../auth/auth.resolver.js";
import { Authenticator } from "../auth/authenticator.js";
import { CredentialsService } from "../auth/credentials.service.js";
import { InviteResolver } from "../auth/invite.resolver.js";
import { InviteService } from "../auth/invite.service.js";
import type { PageLink } from "../auth/link-token.js";
import type { Mailer } from "../auth/mailer.ports.js";
import { OutgoingMail } from "../auth/outgoing-mail.js";
import { PasswordProof } from "../auth/password-proof.js";
import { PasswordResetService } from "../auth/password-reset.service.js";
import { QuotaResolver } from "../auth/quota.resolver.js";
import { QuotaService } from "../auth/quota.service.js";
import { SessionService } from "../auth/session.service.js";
import type { Config } from "../config.js";
import type { ResolverEntry } from "../http/schema.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { Logger } from "../kernel/log.js";

interface Parts {
  config: Pick<
    Config,
    | "jwtSecret"
    | "quotas"
    | "rateLimitScale"
    | "registration"
    | "termsUrl"
    | "privacyUrl"
    | "passwordResetMaxAgeSeconds"
  >;
  log: Logger;
  stores: {
    accounts: AccountStore;
    administrators: AdministratorGuard;
    sessions: SessionStore;
    resets: MailedLinkStore<PasswordReset>;
    emailChanges: MailedLinkStore<EmailChange>;
    invites: InviteStore;
    attempts: AttemptCounter;
    audit: AuditTrail;
    usage: UsageStore;
  };
}

export type AccountServices = ReturnType<typeof accountServices>;

/** Accounts and signing in to them: what every role of a process needs. */
export function accountServices({ config, log, stores, mailer }: Parts & { mailer: Mailer | undefined }) {
  const { accounts, audit } = stores;
  const tokens = new HmacTokens(config.jwtSecret);
  const hasher = new Argon2Hasher();
  const { registration, termsUrl, privacyUrl } = config;
  const limits = new AttemptLimits(stores.attempts, config.rateLimitScale);
  const sessions = new SessionService(stores.sessions, accounts, tokens, limits, audit);
  return {
    tokens,
    hasher,
    limits,
    proof: new PasswordProof(accounts, hasher, limits),
    sessions,
    mail: new OutgoingMail(mailer, log),
    authenticator: new Authenticator(tokens, stores.sessions, accounts),
    quotas: new QuotaService(accounts, stores.usage, audit, config.quotas),
    accounts: new AccountService(
      { accounts, sessionStore: stores.sessions, hasher, sessions, limits, audit, log },
      { terms: { registration, termsUrl, privacyUrl } },
    ),
  };
}

/** Signing in, and what people do with their accounts. */
export function accountResolvers(
  { config, log, stores, services }: Parts & { services: AccountServices },
  link: PageLink,
): { resets: PasswordResetService; resolvers: ResolverEntry[] } {
  const { accounts, sessions, limits, mail, hasher } = services;
  const ports = { ...stores, limits, mail, hasher, log };
  const { registration, passwordResetMaxAgeSeconds: maxAgeSeconds } = config;
  const resets = new PasswordResetService(ports, { maxAgeSeconds, link });
  const credentials = new CredentialsService(ports, { link });
  const invites = new InviteService({ ...ports, sessions }, { registration, link });
  return {
    resets,
    resolvers: [
      { type: AuthResolver, instance: new AuthResolver(accounts, sessions, resets) },
      { type: AccountResolver, instance: new AccountResolver(accounts, sessions, credentials) },
      { type: InviteResolver, instance: new InviteResolver(invites) },
      { type: QuotaResolver, instance: new QuotaResolver(services.quotas) },
    ],
  };
}
