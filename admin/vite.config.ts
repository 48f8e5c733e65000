import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env["TELESTASH_URL"] ?? "http://127.0.0.1:4000";

export default defineConfig({
  root: import.meta.dirname,
  base: "/admin/",
  plugins: [react()],
  build: {
    outDir: "../dist/admin",
    emptyOutDir: true,
    // One file for an operators' console: react-admin and MUI are most of it, and every page needs them.
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { "/graphql": { target: api, ws: true }, "/files": api } },
});
