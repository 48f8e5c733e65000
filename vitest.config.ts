import { defineConfig } from "vitest/config";

export default defineConfig({
  // Our files and node_modules must share one copy of graphql, or its instanceof checks fail.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: [
      "server/**/*.test.ts",
      "sandbox/**/*.test.ts",
      "scripts/**/*.test.ts",
      "admin/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    environment: "node",
    setupFiles: ["test/support/setup.ts"],
    globalSetup: ["test/support/mongo-census.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 3,
    maxConcurrency: 4,
    isolate: false,
  },
});
