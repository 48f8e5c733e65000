import "reflect-metadata";
import { createSecretKey } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";
import { resolverTypes } from "../../scripts/resolver-types.js";
import { AuthResolver } from "../../server/auth/auth.resolver.js";
import { buildTelestashSchema } from "../../server/http/schema.js";
import { ANONYMOUS } from "../../server/kernel/context.js";
import type { RequestContext, Viewer } from "../../server/kernel/context.js";
import { runPeer } from "./peer.js";

type Context = Pick<RequestContext, "viewer">;

const key = createSecretKey(Buffer.from("a secret of the benchmark, known to nobody else"));
const USER = { id: "0123456789abcdef01234567", role: "FREE" } as const;

/** Answers the product's own schema without its services. */
const instance = {
  me: ({ viewer }: Context) => ({ ...USER, id: viewer.kind === "user" ? viewer.userId : undefined }),
  login: () => ({ accessToken: jwt.sign({ sub: USER.id }, key, { expiresIn: "15m" }) }),
};
const types = await resolverTypes();
const schema = await buildTelestashSchema(
  types.map((type) => (type === AuthResolver ? { type, instance } : { type })),
);
const apollo = new ApolloServer<Context>({ schema });
await apollo.start();

const app = express();
app.use(
  "/graphql",
  cors(),
  express.json(),
  expressMiddleware(apollo, { context: ({ req }) => Promise.resolve({ viewer: viewerOf(req.headers) }) }),
);

/** Apollo on Express as their documentation sets it up, with each request's token verified. It asks no database. */
await runPeer(() => (request, response) => {
  app(request, response);
  return Promise.resolve();
});

function viewerOf({ authorization }: IncomingHttpHeaders): Viewer {
  if (authorization === undefined) return ANONYMOUS;
  const claims = jwt.verify(authorization.replace("Bearer ", ""), key, { algorithms: ["HS256"] });
  if (typeof claims === "string") return ANONYMOUS;
  return { kind: "user", userId: claims.sub ?? "", sessionId: "", role: USER.role };
}
