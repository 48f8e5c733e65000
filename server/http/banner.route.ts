import type { FastifyInstance } from "fastify";
import type { HttpDeps } from "./deps.js";
import { DROP_PATH } from "./drop.route.js";

const LINKS = {
  console: "/admin",
  graphql: "/graphql",
  live: "/livez",
  ready: "/readyz",
} as const;

/** `/`: says what this is and where to go, to people as a page, to programs as JSON. */
export function bannerRoute(
  app: FastifyInstance,
  { anonymousUploads }: Pick<HttpDeps, "anonymousUploads">,
): void {
  const links = { ...LINKS, ...(anonymousUploads && { drop: DROP_PATH }) };
  app.get("/", (request, reply) => {
    reply.header("vary", "accept").header("cache-control", "no-cache");
    if (!/\btext\/html\b/.test(request.headers.accept ?? "")) {
      return reply.send({ name: "Telestash", status: "live", links });
    }
    const items = Object.entries(links).map(([name, path]) => `<li><a href="${path}">${name}</a></li>`);
    return reply
      .type("text/html; charset=utf-8")
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>Telestash</title>` +
          `<h1>Telestash</h1><p>Keeps files in Telegram.</p><ul>${items.join("")}</ul></html>\n`,
      );
  });
}
