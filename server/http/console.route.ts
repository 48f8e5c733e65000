import { existsSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { sendProblem } from "./problem.js";

const PREFIX = "/admin/";
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The console's component library writes its styles into the page.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self' blob:",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** /admin: the built console. Its own addresses (`/admin/files/…`) all answer with its one page. */
export async function consoleRoute(app: FastifyInstance, folder: string | undefined): Promise<void> {
  if (folder === undefined || !existsSync(path.join(folder, "index.html"))) {
    const detail = "The console has not been built. Run: npm run build.";
    app.get("/admin", (request, reply) => sendProblem(request, reply, 404, "NOT_FOUND", detail));
    app.get(`${PREFIX}*`, (request, reply) => sendProblem(request, reply, 404, "NOT_FOUND", detail));
    return;
  }
  await app.register(
    async (scope) => {
      await scope.register(fastifyStatic, {
        root: path.resolve(folder),
        prefix: "/",
        cacheControl: false,
        index: false,
        setHeaders: (response, file) => {
          response.headers({ "content-security-policy": POLICY, "cache-control": cacheControl(file) });
        },
      });
      scope.route({
        method: "GET",
        url: "/",
        prefixTrailingSlash: "slash",
        handler: (_request, reply) => page(reply),
      });
      scope.setNotFoundHandler((request, reply) => {
        const wantsPage = request.method === "GET" && path.extname(request.url.split("?", 1)[0] ?? "") === "";
        if (wantsPage) return page(reply);
        return sendProblem(request, reply, 404, "NOT_FOUND", "The console has no such file.");
      });
    },
    { prefix: "/admin" },
  );
  app.get("/admin", (_request, reply) => reply.redirect(PREFIX));
}

function page(reply: FastifyReply): FastifyReply {
  return reply.sendFile("index.html");
}

/** Vite names what it builds by its content, so such a file never changes. */
function cacheControl(file: string): string {
  return /[/\\]assets[/\\]/.test(file) ? "public, max-age=31536000, immutable" : "no-cache";
}
