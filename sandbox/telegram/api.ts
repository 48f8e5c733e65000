import { Line } from "./bandwidth.js";
import { discardUploads, readBody } from "./body.js";
import type { BodyRules } from "./body.js";
import type { Counters } from "./control.js";
import { flipBit } from "./download.js";
import type { Exchange } from "./exchange.js";
import { methodNotFound } from "./methods.js";
import type { Method } from "./methods.js";
import { Parameters } from "./parameters.js";
import type { Settings } from "./settings.js";

const MAX_BODY_BYTES = 50 * 1024 * 1024;
const MAX_LOCAL_BODY_BYTES = 2000 * 1024 * 1024;

interface Api {
  methods: Map<string, Method>;
  settings: () => Settings;
  counters: Counters;
  incomingDir: string;
  upLine: () => Line;
}

/** One call of a method: reads the whole body, lets faults and limits have their say, then acts and answers. */
export async function callMethod(
  exchange: Exchange,
  bot: string,
  query: URLSearchParams,
  api: Api,
): Promise<void> {
  exchange.strike();
  await exchange.beforeWork();
  const body = await readBody(exchange.request, query, bodyRules(exchange, api));
  exchange.chats ??= [];
  exchange.strike();
  try {
    await exchange.beforeWork();
    const method = api.methods.get(exchange.op.toLowerCase());
    if (method === undefined) throw methodNotFound();
    exchange.refuseIfBusy();
    const result = await method(new Parameters(body, bot));
    exchange.answer(200, { ok: true, result });
  } finally {
    // A message has moved its file away by now; whatever is left belongs to nobody.
    await discardUploads(body);
  }
}

function bodyRules(exchange: Exchange, api: Api): BodyRules {
  const settings = api.settings();
  const own = new Line(settings.bandwidth.up?.perConnection);
  let flipped = false;
  return {
    maxBytes: settings.local ? MAX_LOCAL_BODY_BYTES : MAX_BODY_BYTES,
    incomingDir: api.incomingDir,
    onField(name, value) {
      if (name !== "chat_id") return;
      exchange.chats = [value];
      exchange.strike();
    },
    async onBytes(seen, fresh) {
      api.counters.bytesIn += fresh;
      const cut = exchange.fault("resetMidBody");
      if (cut && seen >= (cut.bytes ?? 0)) throw exchange.cut();
      await Promise.all([own.pass(fresh), api.upLine().pass(fresh)]);
    },
    onFileChunk(chunk) {
      if (flipped || !exchange.fault("corrupt")) return chunk;
      flipped = true;
      const changed = Buffer.from(chunk);
      flipBit(changed);
      return changed;
    },
  };
}
