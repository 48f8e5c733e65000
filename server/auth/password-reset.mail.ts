import type { Mail } from "./mailer.ports.js";
import type { User } from "./user.js";

/** Carries exactly one link, with the token in it. */
export function resetMail(user: User, link: string, maxAgeSeconds: number): Mail {
  const minutes = Math.round(maxAgeSeconds / 60);
  const greeting = `Hello ${user.username},`;
  const ask = "somebody, probably you, asked for a new password for your Telestash account.";
  const limit = `The link works once, for ${minutes} minutes. If it was not you, do nothing: your password stays as it is.`;
  return {
    to: user.email,
    subject: "Choose a new Telestash password",
    text: `${greeting}\n\n${ask} Choose it here:\n\n${link}\n\n${limit}\n`,
    html: page(
      `<p>${escaped(greeting)}</p><p>${ask}</p>` +
        `<p><a href="${escaped(link)}">Choose a new password</a></p><p>${limit}</p>`,
    ),
  };
}

/** To somebody whose account an administrator made. Carries exactly one link, with the token in it. */
export function inviteMail(user: User, link: string, maxAgeSeconds: number): Mail {
  const minutes = Math.round(maxAgeSeconds / 60);
  const greeting = `Hello ${user.username},`;
  const news = "an administrator made a Telestash account for you.";
  const limit = `The link works once, for ${minutes} minutes. After that, ask for a new one on the sign-in page.`;
  return {
    to: user.email,
    subject: "Your Telestash account",
    text: `${greeting}\n\n${news} Choose your password here:\n\n${link}\n\n${limit}\n`,
    html: page(
      `<p>${escaped(greeting)}</p><p>${news}</p>` +
        `<p><a href="${escaped(link)}">Choose your password</a></p><p>${limit}</p>`,
    ),
  };
}

export function changedMail(user: User): Mail {
  const greeting = `Hello ${user.username},`;
  const news = "your Telestash password was changed, and all your devices were signed out.";
  const advice = "If it was not you, ask for a new password at once and tell your administrator.";
  return {
    to: user.email,
    subject: "Your Telestash password was changed",
    text: `${greeting}\n\n${news}\n\n${advice}\n`,
    html: page(`<p>${escaped(greeting)}</p><p>${news}</p><p>${advice}</p>`),
  };
}

function page(body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><body>${body}</body></html>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
