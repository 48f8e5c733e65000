import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { select } from "./byte-range.js";

const ETAG = `"${"a".repeat(64)}"`;
const DATE = new Date("2026-03-04T05:06:07.890Z");
const FILE = { sizeBytes: 1000, etag: ETAG, lastModified: DATE };
const SAME_DATE = "Wed, 04 Mar 2026 05:06:07 GMT";
const EARLIER = "Wed, 04 Mar 2026 05:06:06 GMT";

const whole = { status: 200 };
const unsatisfiable = { status: 416 };
const part = (start: number, end: number) => ({ status: 206, start, end });

describe("a range of 1000 bytes", () => {
  it.each([
    ["bytes=0-0", part(0, 0)],
    ["bytes=0-499", part(0, 499)],
    ["bytes=500-", part(500, 999)],
    ["bytes=999-999", part(999, 999)],
    ["bytes=999-5000", part(999, 999)],
    ["bytes=0-99999999999999999999999", part(0, 999)],
    ["bytes=-1", part(999, 999)],
    ["bytes=-1000", part(0, 999)],
    ["bytes=-1001", part(0, 999)],
    ["bytes=-99999999999999999999999", part(0, 999)],
    ["BYTES=1-2", part(1, 2)],
    ["bytes= 1-2 ", part(1, 2)],
    ["bytes=1000-", unsatisfiable],
    ["bytes=1000-2000", unsatisfiable],
    ["bytes=99999999999999999999999-", unsatisfiable],
    ["bytes=-0", unsatisfiable],
    ["bytes=5-2", whole],
    ["bytes=99999999999999999999999-5", whole],
    ["bytes=0-1,5-6", whole],
    ["bytes=0-1, -1", whole],
    ["bytes=", whole],
    ["bytes=-", whole],
    ["bytes=a-b", whole],
    ["bytes=1-2-3", whole],
    ["bytes=1.5-2", whole],
    ["bytes=+1-2", whole],
    ["bytes=0x1-2", whole],
    ["bytes 1-2", whole],
    ["bytes:1-2", whole],
    ["items=0-1", whole],
    ["", whole],
    ["=", whole],
  ])("%s is %j", (range, expected) => {
    expect(select("GET", FILE, { range })).toEqual(expected);
  });

  it("is for GET only", () => {
    expect(select("HEAD", FILE, { range: "bytes=0-0" })).toEqual(whole);
  });

  it("of a file without bytes cannot be", () => {
    const empty = { ...FILE, sizeBytes: 0 };

    expect(select("GET", empty, { range: "bytes=0-" })).toEqual(unsatisfiable);
    expect(select("GET", empty, { range: "bytes=-5" })).toEqual(whole);
  });

  it("lies within the file whatever is asked for", () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(2_000), fc.nat(1_500), (first, last, sizeBytes) => {
        const selection = select("GET", { ...FILE, sizeBytes }, { range: `bytes=${first}-${last}` });

        if (last < first) return selection.status === 200;
        if (first >= sizeBytes) return selection.status === 416;
        return (
          selection.status === 206 &&
          selection.start === first &&
          selection.end === Math.min(last, sizeBytes - 1)
        );
      }),
    );
  });

  it("never throws, whatever the headers hold", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (range, ifRange, ifMatch) => {
        select("GET", FILE, { range, "if-range": ifRange, "if-match": ifMatch, "if-none-match": ifRange });
      }),
    );
  });
});

describe("a condition", () => {
  const range = "bytes=0-1";

  it.each([
    [{ "if-range": ETAG, range }, part(0, 1)],
    [{ "if-range": `W/${ETAG}`, range }, whole],
    [{ "if-range": '"other"', range }, whole],
    [{ "if-range": SAME_DATE, range }, part(0, 1)],
    [{ "if-range": EARLIER, range }, whole],
    [{ "if-range": "nonsense", range }, whole],
    [{ "if-range": ETAG }, whole],
    [{ "if-none-match": ETAG }, { status: 304 }],
    [{ "if-none-match": `W/${ETAG}` }, { status: 304 }],
    [{ "if-none-match": `"x", ${ETAG}` }, { status: 304 }],
    [{ "if-none-match": "*" }, { status: 304 }],
    [{ "if-none-match": '"x"' }, whole],
    [{ "if-none-match": '"x"', "if-modified-since": SAME_DATE }, whole],
    [{ "if-modified-since": SAME_DATE }, { status: 304 }],
    [{ "if-modified-since": EARLIER }, whole],
    [{ "if-modified-since": "nonsense" }, whole],
    [{ "if-match": ETAG, range }, part(0, 1)],
    [{ "if-match": `W/${ETAG}` }, { status: 412 }],
    [{ "if-match": '"x"' }, { status: 412 }],
    [{ "if-match": "*" }, whole],
    [{ "if-match": '"x"', "if-none-match": ETAG }, { status: 412 }],
    [{ "if-match": ETAG, "if-unmodified-since": EARLIER }, whole],
    [{ "if-unmodified-since": EARLIER }, { status: 412 }],
    [{ "if-unmodified-since": SAME_DATE }, whole],
    [{ "if-none-match": ETAG, range }, { status: 304 }],
  ])("%j gives %j", (headers, expected) => {
    expect(select("GET", FILE, headers)).toEqual(expected);
  });

  it("on a file whose digest is not known yet fits none", () => {
    const unknown = { ...FILE, etag: undefined };

    expect(select("GET", unknown, { "if-match": '"x"' })).toEqual({ status: 412 });
    expect(select("GET", unknown, { "if-range": '"x"', range })).toEqual(whole);
  });
});
