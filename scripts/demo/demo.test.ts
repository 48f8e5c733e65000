import { describe, expect, it } from "vitest";
import { describe as describeProgress, ProgressLine, rate, size, table } from "./display.js";
import { countSent } from "./ledger.js";
import { Meter } from "./source.js";

const PROGRESS = {
  state: "RUNNING",
  partsDone: 2,
  partsTotal: 5,
  bytesSent: 2,
  bytesTotal: 5,
  bytesPerSecond: 1,
  waitingUntil: null,
  error: null,
};

function captionsOf(...parts: string[]): string[] {
  return parts.map((part, copy) => `telestash/1 blob ${part} hash${copy}`);
}

function outputOf(isTTY: boolean): { out: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const out = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  return { out, written };
}

describe("the demo's account of sends", () => {
  it("counts every send beyond one for each copy of each part as resent", () => {
    expect(countSent(6, captionsOf("1/2", "1/2", "2/2", "2/2"))).toEqual({ replicas: 2, resent: 2 });
  });

  it("takes the part with the fewest copies for the number of copies", () => {
    expect(countSent(3, captionsOf("1/2", "1/2", "2/2"))).toEqual({ replicas: 1, resent: 1 });
  });

  it("finds nothing sent for an empty file", () => {
    expect(countSent(0, [])).toEqual({ replicas: 0, resent: 0 });
  });
});

describe("the demo's display", () => {
  it("says when it waits for Telegram", () => {
    const waitingUntil = "2026-01-01T00:00:12Z";

    expect(describeProgress(PROGRESS, 0)).toBe("2 of 5 parts");
    expect(describeProgress({ ...PROGRESS, waitingUntil }, Date.parse("2026-01-01T00:00:00.500Z"))).toBe(
      "waiting 12 s for Telegram",
    );
    expect(describeProgress({ ...PROGRESS, waitingUntil }, Date.parse("2026-01-02"))).toBe("2 of 5 parts");
  });

  it("writes a line per tenth where there is no terminal, and one for a wait", () => {
    const { out, written } = outputOf(false);
    const line = new ProgressLine("transfer", out);

    line.show(0, 100, "0 of 5 parts");
    line.show(5, 100, "0 of 5 parts");
    line.show(5, 100, "waiting 12 s for Telegram");
    line.show(5, 100, "waiting 11 s for Telegram");
    line.show(20, 100, "1 of 5 parts");
    line.end();

    expect(written).toEqual([
      "transfer  0 %  0 of 5 parts\n",
      "transfer  0 %  waiting 12 s for Telegram\n",
      "transfer  20 %  1 of 5 parts\n",
    ]);
  });

  it("changes one line in place on a terminal", () => {
    const { out, written } = outputOf(true);
    const line = new ProgressLine("upload", out);

    line.show(50, 100, "half");
    line.end();

    expect(written).toEqual([`\r\u001b[Kupload    ${"█".repeat(15)}${"░".repeat(15)}  50 %  half`, "\n"]);
  });

  it("shows an empty file as complete", () => {
    const { out, written } = outputOf(false);

    new ProgressLine("upload", out).show(0, 0);

    expect(written).toEqual(["upload    100 %\n"]);
  });

  it("speaks in MiB", () => {
    expect([size(1), size(2048), size(98_932_688)]).toEqual(["1 B", "2.0 KiB", "94.3 MiB"]);
    expect([rate(1024 * 1024, 500), rate(5, 0)]).toEqual(["2.0 MiB/s", ""]);
  });

  it("aligns columns", () => {
    expect(
      table([
        ["a", "bb", ""],
        ["ccc", "d", "e"],
      ]),
    ).toBe("a     bb\nccc   d    e");
  });
});

describe("a meter", () => {
  it("counts and hashes what passes", async () => {
    const seen: number[] = [];
    const meter = new Meter((bytes) => seen.push(bytes));
    async function* chunks() {
      yield await Promise.resolve(Buffer.from("a"));
      yield Buffer.from("bc");
    }

    for await (const chunk of meter.through(chunks())) void chunk;

    expect(seen).toEqual([1, 3]);
    expect(meter.sha256()).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
