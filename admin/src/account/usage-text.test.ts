import { describe, expect, it } from "vitest";
import type { Usage } from "./usage.documents.js";
import { fullness, limitsText, toneOf, usageText } from "./usage-text.js";

const GIB = 1024 ** 3;

function usage(facts: Partial<Usage> = {}): Usage {
  const quota = { bytes: 10 * GIB, files: 100, fileBytes: 2 * GIB, transfers: 1 };
  return { id: "1", bytesUsed: GIB, fileCount: 5, bytesReserved: 0, quota, ...facts };
}

const UNLIMITED = { bytes: null, files: null, fileBytes: null, transfers: null };

describe("the usage of an account", () => {
  it.each([
    ["by its bytes", usage(), 10],
    ["with what uploads have reserved", usage({ bytesReserved: 4 * GIB }), 50],
    ["by its files when these are fewer", usage({ fileCount: 99 }), 99],
    ["when it has more than it may", usage({ bytesUsed: 11 * GIB }), 100],
    ["when it may have nothing", usage({ quota: { ...UNLIMITED, bytes: 0 } }), 100],
    ["without limits", usage({ quota: UNLIMITED }), undefined],
  ])("is measured %s", (_case, facts, percent) => {
    expect(fullness(facts)).toBe(percent);
  });

  it("warns before it is full", () => {
    expect([0, 89, 90, 99, 100].map(toneOf)).toEqual(["blue", "blue", "orange", "orange", "red"]);
  });

  it("is told in words", () => {
    expect(usageText(usage())).toBe("1.0 GiB of 10.0 GiB in 5 of 100 files");
    expect(usageText(usage({ quota: UNLIMITED, fileCount: 1 }))).toBe("1.0 GiB in 1 file");
    expect(limitsText(usage())).toBe("A file may be up to 2.0 GiB. One transfer runs at a time.");
    expect(limitsText(usage({ quota: UNLIMITED, bytesReserved: 1024 }))).toBe(
      "1.0 KiB more are reserved for uploads under way.",
    );
  });
});
