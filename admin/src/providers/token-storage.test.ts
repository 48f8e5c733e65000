import { expect, it } from "vitest";
import { TokenStorage } from "./token-storage.js";
import type { Change } from "./token-storage.js";

function memory() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

it("keeps what lasts unless told, and moves what was kept elsewhere", () => {
  const [lasting, passing] = [memory(), memory()];
  const storage = new TokenStorage(lasting, passing);

  storage.setItem("token", "1");
  expect([lasting.items.get("token"), passing.items.size]).toEqual(["1", 0]);

  storage.choose(false);
  storage.setItem("token", "2");
  expect([lasting.items.size, passing.items.get("token")]).toEqual([0, "2"]);
  expect(storage.getItem("token")).toBe("2");
});

it("renews a passing one where it is, after a reload too", () => {
  const [lasting, passing] = [memory(), memory()];
  passing.setItem("token", "1");

  new TokenStorage(lasting, passing).setItem("token", "2");

  expect([lasting.items.size, passing.items.get("token")]).toEqual([0, "2"]);
});

it("forgets both, and the choice of whoever signed out", () => {
  const [lasting, passing] = [memory(), memory()];
  const storage = new TokenStorage(lasting, passing);
  storage.choose(false);
  storage.setItem("token", "1");

  storage.removeItem("token");
  storage.setItem("token", "2");

  expect([lasting.items.get("token"), passing.items.size]).toEqual(["2", 0]);
});

it("keeps a duplicate of the tab in step: with the token of before it would end the session for both", () => {
  const told: Change[] = [];
  const mine = new TokenStorage(memory(), memory(), (change) => told.push(change));
  const copied = memory();
  const twins = new TokenStorage(memory(), copied);
  mine.choose(false);
  mine.setItem("token", "one");
  copied.setItem("token", "one");

  mine.setItem("token", "two");
  for (const change of told) twins.follow(change);

  expect(twins.getItem("token")).toBe("two");
  copied.setItem("token", "of another session");
  for (const change of told) twins.follow(change);
  expect(twins.getItem("token")).toBe("of another session");
});
