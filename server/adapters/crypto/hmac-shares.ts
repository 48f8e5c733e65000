import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { ShareKeys } from "../../files/share.ports.js";

const KEY_BYTES = 9;
const MAC_BYTES = 18;
/** 9 random bytes to find the link by, and 144 bits that only the server can make of them. */
const TOKEN = /^([A-Za-z0-9_-]{12})([A-Za-z0-9_-]{24})$/;
const GRANT = /^([0-9]{1,12})\.([A-Za-z0-9_-]{24})$/;
const IV_BYTES = 16;
const LONGEST_SEALED = 2_048;

/** All from one secret, with a key of its own for each purpose. Another secret ends all tokens, seals and grants. */
export class HmacShares implements ShareKeys {
  private readonly tokenKey: Buffer;
  private readonly grantKey: Buffer;
  private readonly sealKey: Buffer;

  constructor(secret: string) {
    this.tokenKey = derived(secret, "token");
    this.grantKey = derived(secret, "grant");
    this.sealKey = derived(secret, "seal");
  }

  newKey(): string {
    return randomBytes(KEY_BYTES).toString("base64url");
  }

  tokenOf(key: string): string {
    return key + mac(this.tokenKey, key);
  }

  keyOf(token: string): string | undefined {
    const [, key, given] = TOKEN.exec(token) ?? [];
    if (key === undefined || given === undefined) return undefined;
    return isEqual(given, mac(this.tokenKey, key)) ? key : undefined;
  }

  /** Encrypted under a key of the link's own. The text's own MAC is the IV, and is checked when it is read. */
  seal(key: string, text: string): string {
    const [cipherKey, macKey] = this.sealKeys(key);
    const iv = ivOf(macKey, text);
    const cipher = createCipheriv("aes-256-ctr", cipherKey, iv);
    return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final()]).toString("base64url");
  }

  unseal(key: string, sealed: string): string | undefined {
    if (sealed.length > LONGEST_SEALED || !/^[A-Za-z0-9_-]+$/.test(sealed)) return undefined;
    const bytes = Buffer.from(sealed, "base64url");
    if (bytes.length < IV_BYTES) return undefined;
    const [cipherKey, macKey] = this.sealKeys(key);
    const iv = bytes.subarray(0, IV_BYTES);
    const decipher = createDecipheriv("aes-256-ctr", cipherKey, iv);
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()]).toString();
    return timingSafeEqual(iv, ivOf(macKey, text)) ? text : undefined;
  }

  grant(key: string, what: string, until: Date): string {
    const ends = String(Math.floor(until.getTime() / 1000));
    return `${ends}.${mac(this.grantKey, `${key} ${ends} ${what}`)}`;
  }

  isGrant(key: string, what: string, grant: string, now: Date): boolean {
    const [, ends, given] = GRANT.exec(grant) ?? [];
    if (ends === undefined || given === undefined || Number(ends) * 1000 <= now.getTime()) return false;
    return isEqual(given, mac(this.grantKey, `${key} ${ends} ${what}`));
  }

  private sealKeys(key: string): [Buffer, Buffer] {
    const both = createHmac("sha512", this.sealKey).update(key).digest();
    return [both.subarray(0, 32), both.subarray(32)];
  }
}

function ivOf(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest().subarray(0, IV_BYTES);
}

function mac(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest().subarray(0, MAC_BYTES).toString("base64url");
}

/** Both of the same length. */
function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function derived(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "", `telestash share ${purpose}`, 32));
}
