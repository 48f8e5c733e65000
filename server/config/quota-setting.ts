import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
  PIB: 2 ** 50,
};
const SIZE = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;
const COUNT = /^\d+$/;

/** `bytes,files,fileBytes,transfers` as text, such as `10GiB,10000,2GiB,1`. */
const quotaSetting = z.string().transform((text, context) => {
  const [bytes, files, fileBytes, transfers, ...more] = text.split(",").map((item) => item.trim());
  const quota = {
    bytes: sizeOf(bytes),
    files: countOf(files),
    fileBytes: sizeOf(fileBytes),
    transfers: countOf(transfers),
  };
  const isWhole = Object.values(quota).every((number) => number !== undefined) && more.length === 0;
  if (!isWhole || (quota.transfers ?? 0) < 1) {
    context.addIssue({
      code: "custom",
      message:
        "must be bytes,files,fileBytes,transfers such as 10GiB,10000,2GiB,1, with at least one transfer",
    });
    return z.NEVER;
  }
  return quota as { [N in keyof typeof quota]: number };
});

const GIB = 2 ** 30;

export const QUOTA_SETTINGS = {
  /** Bytes and files: of one address in a day. Transfers: of all uploads without an account together. */
  QUOTA_ANONYMOUS: quotaSetting.default({
    bytes: 10 * GIB,
    files: 1_000,
    fileBytes: 2 * GIB,
    transfers: 2,
  }),
  QUOTA_FREE: quotaSetting.default({ bytes: 10 * GIB, files: 10_000, fileBytes: 2 * GIB, transfers: 1 }),
  QUOTA_PREMIUM: quotaSetting.default({
    bytes: 1024 * GIB,
    files: 1_000_000,
    fileBytes: 50 * GIB,
    transfers: 4,
  }),
};

interface QuotaValues {
  QUOTA_ANONYMOUS: z.infer<typeof quotaSetting>;
  QUOTA_FREE: z.infer<typeof quotaSetting>;
  QUOTA_PREMIUM: z.infer<typeof quotaSetting>;
  MAX_FILE_BYTES: number;
}

/** By role. Administrators are held to the largest file only. */
export function quotasOf({ QUOTA_FREE, QUOTA_PREMIUM, MAX_FILE_BYTES: most }: QuotaValues) {
  return {
    FREE: { ...QUOTA_FREE, fileBytes: Math.min(QUOTA_FREE.fileBytes, most) },
    PREMIUM: { ...QUOTA_PREMIUM, fileBytes: Math.min(QUOTA_PREMIUM.fileBytes, most) },
    ADMIN: { bytes: Infinity, files: Infinity, fileBytes: most, transfers: Infinity },
  };
}

/** What uploads without an account are held to. */
export function anonymousQuotaOf({ QUOTA_ANONYMOUS, MAX_FILE_BYTES: most }: QuotaValues) {
  return { ...QUOTA_ANONYMOUS, fileBytes: Math.min(QUOTA_ANONYMOUS.fileBytes, most) };
}

/** A number of bytes, plain or with a binary unit. */
function sizeOf(text = ""): number | undefined {
  const [, number, unit = ""] = SIZE.exec(text) ?? [];
  const factor = UNITS[unit.toUpperCase()];
  return number === undefined || factor === undefined ? undefined : safe(Math.round(Number(number) * factor));
}

function countOf(text = ""): number | undefined {
  return COUNT.test(text) ? safe(Number(text)) : undefined;
}

function safe(number: number): number | undefined {
  return Number.isSafeInteger(number) ? number : undefined;
}
