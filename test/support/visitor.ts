/** Somebody without an account, with a browser's cookies: each goes back to its own path only. */
export function aVisitor() {
  const cookies = new Map<string, { path: string; value: string }>();
  const visit = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(url);
    const sent = [...cookies.values()].filter(({ path }) => isBelow(pathname, path));
    const headers = new Headers(init.headers);
    if (sent.length > 0) headers.set("cookie", sent.map(({ value }) => value).join("; "));
    const response = await fetch(url, { redirect: "manual", ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [value = "", ...rules] = cookie.split("; ");
      const path = rules.find((rule) => rule.startsWith("Path="))?.slice("Path=".length) ?? "/";
      cookies.set(`${value.split("=", 1)[0]} ${path}`, { path, value });
    }
    return response;
  };
  return {
    get: (url: string, headers: Record<string, string> = {}) => visit(url, { headers }),
    head: (url: string) => visit(url, { method: "HEAD" }),
    page: async (url: string) => (await visit(url, { headers: { accept: "text/html" } })).text(),
    password: (url: string, password: string) =>
      visit(url, {
        method: "POST",
        body: new URLSearchParams({ password }),
        headers: { accept: "text/html" },
      }),
  };
}

function isBelow(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}
