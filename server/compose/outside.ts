import { GoogleDrive } from "../adapters/drive/google-drive.js";
import { SmtpMailer } from "../adapters/mail/smtp-mailer.js";
import { TelegramChat } from "../adapters/telegram/telegram-chat.js";
import type { Config } from "../config.js";
import type { Logger } from "../kernel/log.js";

export type Outside = ReturnType<typeof connectOutside>;

/** The services that are not ours, as the configuration names them. */
export function connectOutside(config: Config, log: Logger) {
  const { folderId, ...drive } = config.drive;
  return {
    telegram: new TelegramChat({ ...config.telegram, log }),
    drive: new GoogleDrive({ ...drive, ...(folderId === undefined ? {} : { folderId }), log }),
    mailer: config.mail === undefined ? undefined : new SmtpMailer(config.mail),
  };
}
