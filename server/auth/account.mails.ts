import type { Mail } from "./mailer.ports.js";
import type { User } from "./user.js";

type Addressee = Pick<User, "username" | "email">;

/** Carries exactly one link, with the token in it. */
export function resetMail(user: Addressee, link: string, maxAgeSeconds: number): Mail {
  return letter(user.email, "Choose a new Telestash password", [
    `Hello ${user.username},`,
    "somebody, probably you, asked for a new password for your Telestash account. Choose it here:",
    { link, label: "Choose a new password" },
    `The link works once, for ${duration(maxAgeSeconds)}. If it was not you, do nothing: your password stays as it is.`,
  ]);
}

/** To somebody whose account an administrator made. Carries exactly one link, with the token in it. */
export function welcomeMail(user: Addressee, link: string, maxAgeSeconds: number): Mail {
  return letter(user.email, "Your Telestash account", [
    `Hello ${user.username},`,
    "an administrator made a Telestash account for you. Choose your password here:",
    { link, label: "Choose your password" },
    `The link works once, for ${duration(maxAgeSeconds)}. After that, ask for a new one on the sign-in page.`,
  ]);
}

export function passwordChangedMail(user: Addressee): Mail {
  return letter(user.email, "Your Telestash password was changed", [
    `Hello ${user.username},`,
    "your Telestash password was changed, and your other devices were signed out.",
    "If it was not you, ask for a new password at once and tell your administrator.",
  ]);
}

/** Carries exactly one link, with the token in it. */
export function inviteMail(to: string, from: string, link: string, maxAgeSeconds: number): Mail {
  return letter(to, "You are invited to Telestash", [
    "Hello,",
    `${from} invites you to make a Telestash account. Choose your user name and password here:`,
    { link, label: "Accept the invitation" },
    `The link works once, for ${duration(maxAgeSeconds)}.`,
  ]);
}

/** Carries exactly one link, with the token in it. */
export function confirmEmailMail(username: string, to: string, link: string, maxAgeSeconds: number): Mail {
  return letter(to, "Confirm your new e-mail address", [
    `Hello ${username},`,
    "this address was given for your Telestash account. Confirm that it is yours:",
    { link, label: "Confirm this address" },
    `The link works once, for ${duration(maxAgeSeconds)}. If you have no such account, do nothing.`,
  ]);
}

export function emailAskedMail(user: Addressee, to: string): Mail {
  return letter(user.email, "Your Telestash e-mail address is about to change", [
    `Hello ${user.username},`,
    `somebody who knows your password asked to change your address to ${to}. It changes when that address is confirmed.`,
    "If it was not you, change your password at once and tell your administrator.",
  ]);
}

export function emailChangedMail(user: Addressee, to: string): Mail {
  return letter(user.email, "Your Telestash e-mail address was changed", [
    `Hello ${user.username},`,
    `your account's address is now ${to}. Mails no longer come to this one.`,
    "If it was not you, tell your administrator at once.",
  ]);
}

type Paragraph = string | { link: string; label: string };

function letter(to: string, subject: string, paragraphs: readonly Paragraph[]): Mail {
  const text = paragraphs.map((one) => (typeof one === "string" ? one : one.link)).join("\n\n");
  const html = paragraphs.map((one) => {
    if (typeof one === "string") return `<p>${escaped(one)}</p>`;
    return `<p><a href="${escaped(one.link)}">${escaped(one.label)}</a></p>`;
  });
  return {
    to,
    subject,
    text: `${text}\n`,
    html: `<!doctype html><html lang="en"><meta charset="utf-8"><body>${html.join("")}</body></html>`,
  };
}

const DAY = 24 * 60 * 60;
const MINUTES_OF_HALF_A_DAY = 720;

function duration(seconds: number): string {
  if (seconds >= 2 * DAY) return `${Math.round(seconds / DAY)} days`;
  const minutes = Math.round(seconds / 60);
  return minutes > MINUTES_OF_HALF_A_DAY ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
