import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env["TELESTASH_URL"] ?? "http://127.0.0.1:4000";

export default defineConfig(({ command }) => ({
  root: import.meta.dirname,
  base: "/admin/",
  plugins: [react()],
  // Apollo Client reads this name instead of NODE_ENV; without it its warnings and hints are in the built console.
  define: command === "build" ? { "globalThis.__DEV__": "false" } : {},
  build: {
    outDir: "../dist/admin",
    emptyOutDir: true,
    // One file for an operators' console: react-admin and MUI are most of it, and every page needs them.
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { "/graphql": { target: api, ws: true }, "/files": api, "/folders": api } },
}));
