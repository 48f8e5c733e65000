import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { GraphqlClient } from "./graphql-client.js";

const account = z.object({ email: z.string(), password: z.string() });
export type Account = z.infer<typeof account>;

const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken } }`;
const LOGOUT = `mutation { logout }`;

/** The administrator made for the sandbox database, kept so that each start can say it again. */
export class AdministratorFile {
  readonly #file: string;

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, "admin.json");
  }

  read(): Account | undefined {
    try {
      return account.parse(JSON.parse(readFileSync(this.#file, "utf8")));
    } catch {
      return undefined;
    }
  }

  readOrMake(): Account {
    const known = this.read();
    if (known !== undefined) return known;
    const made = { email: "admin@telestash.local", password: randomBytes(18).toString("base64url") };
    writeFileSync(this.#file, `${JSON.stringify(made)}\n`, { mode: 0o600 });
    return made;
  }
}

/** The first of these accounts that can sign in as it stands, if any. */
export async function firstThatWorks(
  graphqlUrl: string,
  accounts: readonly (Account | undefined)[],
): Promise<Account | undefined> {
  for (const candidate of accounts) {
    if (candidate !== undefined && (await canSignIn(graphqlUrl, candidate))) return candidate;
  }
  return undefined;
}

/** Leaves no session behind. */
async function canSignIn(graphqlUrl: string, { email, password }: Account): Promise<boolean> {
  const client = new GraphqlClient(graphqlUrl);
  const reply = await client.try<{ login: { accessToken: string } }>(LOGIN, {
    input: { login: email, password },
  });
  if ("problem" in reply) return false;
  await client.as(reply.data.login.accessToken).try(LOGOUT, {});
  return true;
}
