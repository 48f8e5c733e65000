import { z } from "zod";

const stats = z.object({ calls: z.record(z.string(), z.number()) });
const ledger = z.array(z.object({ caption: z.string().optional(), deleted: z.boolean(), lost: z.boolean() }));

export interface Sent {
  /** Copies that each part has in the chats, by the chats' own account. */
  readonly replicas: number;
  /** Sends beyond one for each copy of each part: retries and refusals. */
  readonly resent: number;
}

/** Asks the sandbox's Telegram what it was really sent. */
export async function whatTelegramGot(telegramUrl: string): Promise<Sent> {
  const sends = stats.parse(await control(telegramUrl, "stats")).calls["sendDocument"] ?? 0;
  const messages = ledger.parse(await control(telegramUrl, "ledger"));
  return countSent(
    sends,
    messages.filter(({ deleted, lost }) => !deleted && !lost).map(({ caption }) => caption ?? ""),
  );
}

/** A caption begins `telestash/1 <blob> <part>/<parts>`; the hash after it differs from copy to copy. */
export function countSent(sends: number, captions: readonly string[]): Sent {
  const copies = new Map<string, number>();
  for (const caption of captions) {
    const part = caption.split(" ").slice(0, 3).join(" ");
    copies.set(part, (copies.get(part) ?? 0) + 1);
  }
  const replicas = copies.size === 0 ? 0 : Math.min(...copies.values());
  return { replicas, resent: sends - copies.size * replicas };
}

async function control(telegramUrl: string, what: string): Promise<unknown> {
  const response = await fetch(`${telegramUrl}/__sandbox/${what}`);
  return response.json();
}
