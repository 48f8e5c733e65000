import { parse } from "content-disposition";
import { once } from "node:events";
import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { Meter } from "./source.js";

export interface Downloaded {
  readonly name: string | undefined;
  readonly size: number;
  readonly sha256: string;
}

/** Downloads to nowhere: what counts is what came, and under which name. */
export async function download(url: string, onBytes: (bytes: number) => void): Promise<Downloaded> {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`The download answered ${response.statusCode}.`);
  }
  const meter = new Meter(onBytes);
  for await (const chunk of meter.through(response)) void chunk;
  const disposition = response.headers["content-disposition"];
  return {
    name: disposition === undefined ? undefined : parse(disposition).parameters["filename"],
    size: meter.bytes,
    sha256: meter.sha256(),
  };
}
