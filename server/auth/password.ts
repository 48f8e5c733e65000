import { badInput } from "../kernel/errors.js";
import { isCommonPassword } from "./common-passwords.js";

/** Whose password it is: their names are what is guessed first. */
export interface PasswordOwner {
  username?: string;
  email?: string;
}

const BYTES = { least: 8, most: 1024 };
/** The rule, for those who ask for a password. */
export const PASSWORD_RULE = `${BYTES.least} to ${BYTES.most} bytes; none of the most common passwords, and not little more than the user name, the e-mail address or the name of this service.`;

const SERVICE = "telestash";
/** Shorter ones are in too many words. */
const TELLING_LENGTH = 3;
/** Fewer letters and digits beside names are a year or a number. */
const LEAST_BESIDE_NAMES = 5;
const ADVICE = "Choose another one, such as four words that do not belong together.";

/**
 * Refuses what is guessed first. What a password is made of is its owner's affair, and no byte of it is cut off.
 * @throws AppError BAD_USER_INPUT with the field
 */
export function checkPassword(password: string, owner: PasswordOwner, ...field: string[]): string {
  const fault = passwordFault(password, owner);
  if (fault !== undefined) throw badInput(fault, ...field);
  return password;
}

/** For passwords that protect no account. @throws AppError BAD_USER_INPUT with the field */
export function checkPasswordLength(password: string, ...field: string[]): string {
  const fault = lengthFault(password);
  if (fault !== undefined) throw badInput(fault, ...field);
  return password;
}

/** What is wrong with a password and what to do, as sentences; undefined when it is fit. */
export function passwordFault(password: string, owner: PasswordOwner): string | undefined {
  const common = `This password is one of the most common ones, so it is guessed first. ${ADVICE}`;
  const telling = `This password is little more than the user name, the e-mail address or the name of this service, so it is guessed first. ${ADVICE}`;
  const fault = lengthFault(password);
  if (fault !== undefined) return fault;
  if (isCommonPassword(password, BYTES.least)) return common;
  const rest = withoutNames(password, owner);
  return rest !== undefined && rest.length < LEAST_BESIDE_NAMES ? telling : undefined;
}

/** What is wrong with the length of a password, in a sentence. */
export function lengthFault(password: string): string | undefined {
  const bytes = Buffer.byteLength(password);
  if (bytes >= BYTES.least && bytes <= BYTES.most) return undefined;
  return `A password has ${BYTES.least} to ${BYTES.most} bytes. This one has ${bytes}.`;
}

/** The letters and digits that are left of a password without its owner's names; undefined when it holds none of them. */
function withoutNames(password: string, { username = "", email = "" }: PasswordOwner): string | undefined {
  const [mailbox = ""] = email.split("@");
  const names = [username, mailbox, SERVICE]
    .map(lettersOf)
    .filter((name) => name.length >= TELLING_LENGTH)
    .sort((a, b) => b.length - a.length);
  const whole = lettersOf(password);
  const rest = names.reduce((text, name) => text.replaceAll(name, ""), whole);
  return rest === whole ? undefined : rest;
}

function lettersOf(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
