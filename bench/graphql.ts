import { GraphqlClient } from "../scripts/graphql-client.js";
import { atLeast, compare } from "./figures.js";
import type { Figure } from "./figures.js";
import { costOf, interleaved } from "./measure.js";
import type { Cost } from "./measure.js";
import { requests } from "./requests.js";
import { World } from "./world.js";

const ROUNDS = 7;
const REQUESTS = 5_000;
const CONNECTIONS = 50;
/** So many each, until V8 has compiled what they need: both answer twice as fast then, and stay so. */
const WARM_UP = 30_000;
const HELLO = "{ me { id role } }";
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`;
const LOGOUT = "mutation { logout }";

/**
 * How many signed-in requests a second of the server's processor answers. Held against Apollo on Express as documented,
 * answering from the same schema, which verifies the token each time and asks no database (peers/apollo-express.ts). The product
 * does ask, whether session and account are still good: a token is refused right after its session has ended.
 */
export async function graphql(): Promise<Figure[]> {
  const world = await World.start();
  try {
    const server = await world.server("api");
    const peer = await world.peer("apollo-express");
    const [ours, theirs] = [await world.signIn(server.url), await signIn(peer.url)];
    const hello = (url: string, token: string, count: number) =>
      requests({ url: `${url}/graphql`, token, query: HELLO }, count, CONNECTIONS);
    await hello(server.url, ours, WARM_UP);
    await hello(peer.url, theirs, WARM_UP);
    const subject = (pid: number, url: string, token: string) => async (): Promise<Cost> =>
      costOf(pid, () => hello(url, token, REQUESTS));
    const found = await interleaved(ROUNDS, {
      telestash: subject(server.pid, server.url, ours),
      apollo: subject(peer.pid, peer.url, theirs),
    });
    await expectRevoked(server.url, ours);
    const label = (metric: string, unit: string) => ({ bench: "graphql", metric, unit });
    const perCpu = (samples: readonly Cost[]): number[] =>
      samples.map(({ cpuSeconds }) => REQUESTS / cpuSeconds);
    const rate = (samples: readonly Cost[]): number[] => samples.map(({ seconds }) => REQUESTS / seconds);
    return [
      compare(
        { ...label("signed-in hello", "req/CPU-s"), target: atLeast(3) },
        perCpu(found.telestash),
        perCpu(found.apollo),
      ),
      compare(label("signed-in hello, rate", "req/s"), rate(found.telestash), rate(found.apollo)),
    ];
  } finally {
    await world.close();
  }
}

async function signIn(url: string): Promise<string> {
  const input = { login: "anybody", password: "anything" };
  const { login } = await new GraphqlClient(`${url}/graphql`).run<{ login: { accessToken: string } }>(LOGIN, {
    input,
  });
  return login.accessToken;
}

/** What the speed must not cost. */
async function expectRevoked(url: string, token: string): Promise<void> {
  const client = new GraphqlClient(`${url}/graphql`, token);
  await client.run(LOGOUT, {});
  const after = await client.try(HELLO, {});
  if (!("problem" in after)) throw new Error("The token was good for a request after its session had ended.");
}
