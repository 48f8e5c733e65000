import { createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";
import { runPeer } from "./peer.js";

interface Context {
  viewer: jwt.JwtPayload | undefined;
}

/** The product's own schema, from the root of the repository: the compiled peer lies in dist/bench/peers. */
const typeDefs = readFileSync(path.resolve(import.meta.dirname, "../../../schema.graphql"), "utf8");
const key = createSecretKey(Buffer.from("a secret of the benchmark, known to nobody else"));
const USER = { id: "0123456789abcdef01234567", role: "FREE" };

const apollo = new ApolloServer<Context>({
  typeDefs,
  resolvers: {
    Query: { me: (_source: unknown, _args: unknown, { viewer }: Context) => ({ ...USER, id: viewer?.sub }) },
    Mutation: { login: () => ({ accessToken: jwt.sign({ sub: USER.id }, key, { expiresIn: "15m" }) }) },
  },
});
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

function viewerOf({ authorization }: { authorization?: string | undefined }): jwt.JwtPayload | undefined {
  if (authorization === undefined) return undefined;
  const claims = jwt.verify(authorization.replace("Bearer ", ""), key, { algorithms: ["HS256"] });
  return typeof claims === "string" ? undefined : claims;
}
