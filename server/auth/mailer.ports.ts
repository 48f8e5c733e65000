/** A mail to one person, in both forms. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Sends mail. */
export interface Mailer {
  /**
   * Hands a mail to the mail server. Not safe to repeat: after a lost answer the mail may arrive twice.
   * @throws AppError UNAVAILABLE when it could not be handed over
   */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
  /** Resolves when the mail server answers and accepts our credentials. @throws AppError UNAVAILABLE with the reason */
  check(signal: AbortSignal): Promise<void>;
}
