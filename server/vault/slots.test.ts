import { describe, expect, it } from "vitest";
import { MAX_WIRE_PADDING_BYTES } from "./blob.js";
import { Slots } from "./slots.js";

const { signal } = new AbortController();

describe("slots", () => {
  it("have room for a part of any blob's grid, and keep what they have grown to", async () => {
    const slots = new Slots(1);

    const small = await slots.acquire(10, "owner", signal);
    small.release();
    const large = await slots.acquire(5000, "owner", signal);
    large.release();
    const again = await slots.acquire(10, "owner", signal);

    expect(small.buffer.length).toBe(10 + MAX_WIRE_PADDING_BYTES);
    expect(large.buffer.length).toBe(5000 + MAX_WIRE_PADDING_BYTES);
    expect(again.buffer).toBe(large.buffer);
  });

  it("are handed on in the order in which they were asked for", async () => {
    const slots = new Slots(1);
    const first = await slots.acquire(1, "owner", signal);
    const order: string[] = [];
    const second = slots.acquire(1, "owner", signal).then((slot) => (order.push("second"), slot.release()));
    const third = slots.acquire(1, "owner", signal).then((slot) => (order.push("third"), slot.release()));

    first.release();
    first.release();
    await Promise.all([second, third]);

    expect(order).toEqual(["second", "third"]);
  });

  it("are not waited for after an abort", async () => {
    const slots = new Slots(1);
    const held = await slots.acquire(1, "owner", signal);
    const leaving = new AbortController();
    const waiting = slots.acquire(1, "owner", leaving.signal);

    leaving.abort();
    await expect(waiting).rejects.toThrow();
    held.release();

    await expect(slots.acquire(1, "owner", signal)).resolves.toBeDefined();
  });

  it("go first to whoever holds the fewest", async () => {
    const slots = new Slots(2);
    const held = [await slots.acquire(1, "busy", signal), await slots.acquire(1, "busy", signal)];
    const order: string[] = [];
    const asked = ["busy", "busy", "newcomer"].map((owner) =>
      slots.acquire(1, owner, signal).then(() => order.push(owner)),
    );

    held[0]?.release();
    await asked[2];
    held[1]?.release();
    await asked[0];

    expect(order).toEqual(["newcomer", "busy"]);
  });

  it("are not all held by one owner when there are more than one owner may hold", async () => {
    const slots = new Slots(1, 2);
    await slots.acquire(1, "busy", signal);
    const more = slots.acquire(1, "busy", signal).then(() => "more");

    const newcomer = slots.acquire(1, "newcomer", signal).then(() => "newcomer");

    await expect(Promise.race([more, newcomer])).resolves.toBe("newcomer");
  });

  it("are kept for newcomers, one of them, though everybody wants more", async () => {
    const slots = new Slots(2, 3);
    const held = [await slots.acquire(1, "busy", signal), await slots.acquire(1, "busy", signal)];
    await slots.acquire(1, "second", signal);
    const more = ["busy", "second"].map((owner) => slots.acquire(1, owner, signal).then(() => owner));

    held[0]?.release();
    const newcomer = slots.acquire(1, "newcomer", signal).then(() => "newcomer");

    await expect(Promise.race([...more, newcomer])).resolves.toBe("newcomer");
  });
});
