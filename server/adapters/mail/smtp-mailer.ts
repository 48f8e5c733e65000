import { constants } from "node:os";
import { createTransport } from "nodemailer";
import type { Mail, Mailer } from "../../auth/mailer.ports.js";
import { unavailable, unavailableUntilMended } from "../../kernel/errors.js";
import type { AppError } from "../../kernel/errors.js";

export interface SmtpMailerOptions {
  host: string;
  port: number;
  /** STARTTLS, required, from a server with a certificate we trust. Otherwise it is used where it is offered. */
  useTls: boolean;
  /** TLS from the first byte. */
  useSsl: boolean;
  username?: string | undefined;
  password?: string | undefined;
  senderName?: string | undefined;
  senderEmail: string;
  /** How long a step of the conversation may take. */
  timeoutMs?: number;
}

type PooledTransport = ReturnType<typeof pooledTransport>;

/** Sends mail through an SMTP server, over a few connections that stay open. */
export class SmtpMailer implements Mailer {
  private readonly transport: PooledTransport;

  constructor(private readonly options: SmtpMailerOptions) {
    this.transport = pooledTransport(options);
  }

  async send(mail: Mail, signal: AbortSignal): Promise<void> {
    const { senderName, senderEmail } = this.options;
    const from = senderName === undefined ? senderEmail : { name: senderName, address: senderEmail };
    const { subject, text, html } = mail;
    // As an object the address is taken as it is, never read as a list of several.
    const to = { name: "", address: mail.to };
    const message = { from, to, subject, text, html, disableFileAccess: true, disableUrlAccess: true };
    await this.translating(signal, () => this.transport.sendMail({ ...message, signal }));
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.translating(signal, () => this.transport.verify());
  }

  /** Closes idle connections; mails on their way are finished. */
  close(): void {
    this.transport.close();
  }

  private async translating(signal: AbortSignal, act: () => Promise<unknown>): Promise<void> {
    signal.throwIfAborted();
    try {
      await act();
    } catch (error) {
      if (signal.aborted) throw signal.reason as Error;
      throw mailRefusal(error);
    }
  }
}

function pooledTransport(options: SmtpMailerOptions) {
  const { host, port, useTls, useSsl, username, password, timeoutMs = 20_000 } = options;
  return createTransport({
    pool: true,
    maxConnections: 2,
    // Who asked decides about sending again: a mail sent twice is worse than one sent late.
    maxRequeues: 0,
    host,
    port,
    secure: useSsl,
    requireTLS: useTls,
    // Where sending in the clear is fine, a certificate that nobody vouches for is no worse.
    tls: { rejectUnauthorized: useTls || useSsl },
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? "" } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  });
}

/** Only codes go on: what the server said may quote the address or the user name. */
function mailRefusal(error: unknown): AppError {
  const { code, originalCode, responseCode } = error as Record<string, unknown>;
  const status = typeof responseCode === "number" ? responseCode : 0;
  const name = typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code) ? code : "unknown";
  const cause = new Error(`The mail server failed: ${name}${status === 0 ? "" : ` ${status}`}`);
  if (name === "EAUTH") {
    return unavailableUntilMended(
      "The mail server refuses this service.",
      "Check MAIL_USERNAME and MAIL_PASSWORD.",
      cause,
    );
  }
  if (name === "ETLS" || (name === "ESOCKET" && isTlsFailure(originalCode))) {
    return unavailableUntilMended(
      "The mail server offers no TLS that is trusted.",
      "Check MAIL_USE_TLS and MAIL_USE_SSL.",
      cause,
    );
  }
  if (status >= 500) return unavailable("The mail server refuses the mail.", cause, 300);
  return unavailable("The mail server cannot be reached or takes no mail now. Try again later.", cause, 30);
}

/** Codes of sockets are the operating system's; what TLS finds wrong has others. */
function isTlsFailure(code: unknown): boolean {
  return typeof code === "string" && (code === "EPROTO" || !(code in constants.errno));
}
