import { describe, expect, it } from "vitest";
import { together } from "./loading.js";

/** Answers when told, and keeps what it was asked. */
function heldBack() {
  const asked: { ids: readonly string[]; answer(): void; fail(): void }[] = [];
  const load = together(
    (ids) =>
      new Promise<{ id: string; query: number }[]>((resolve, reject) => {
        const query = asked.length + 1;
        asked.push({
          ids,
          answer: () => resolve(ids.filter((id) => id !== "none").map((id) => ({ id, query }))),
          fail: () => reject(new Error("the database is away")),
        });
      }),
  );
  return { asked, load };
}

/** Long enough for a query to begin. */
async function turn(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("loading together", () => {
  it("asks once for what is wanted at the same time", async () => {
    const { asked, load } = heldBack();

    const found = Promise.all([load("a"), load("b"), load("a"), load("none")]);
    await turn();
    asked[0]?.answer();

    expect(asked.map(({ ids }) => ids)).toEqual([["a", "b", "none"]]);
    expect((await found).map((thing) => thing?.id)).toEqual(["a", "b", "a", undefined]);
  });

  it("never answers from a query that began before the call", async () => {
    const { asked, load } = heldBack();
    const first = load("a");
    await turn();

    const second = load("a");
    await turn();
    expect(asked).toHaveLength(1);
    asked[0]?.answer();
    await first;
    await turn();
    asked[1]?.answer();

    expect(await second).toEqual({ id: "a", query: 2 });
  });

  it("goes on past a query that fails and one that hangs", async () => {
    const { asked, load } = heldBack();
    const failed = load("a");
    await turn();
    asked[0]?.fail();
    await expect(failed).rejects.toThrow("the database is away");

    void load("b");
    await turn();
    const behind = load("c");
    while (asked.length < 3) await turn();
    asked[2]?.answer();

    expect(await behind).toEqual({ id: "c", query: 3 });
  });
});
