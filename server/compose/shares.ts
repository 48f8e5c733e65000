import { HmacShares } from "../adapters/crypto/hmac-shares.js";
import type { AttemptLimits } from "../auth/attempts.js";
import type { PasswordHasher } from "../auth/auth.ports.js";
import type { FileService } from "../files/file.service.js";
import type { FolderService } from "../files/folder.service.js";
import type { PreviewService } from "../files/preview.service.js";
import { ShareResolver } from "../files/share.resolver.js";
import { ShareService } from "../files/share.service.js";
import { ShareVisitService } from "../files/share-visit.service.js";
import { SharedFileResolver, SharedFolderResolver } from "../files/shared-things.resolver.js";
import type { ZipService } from "../files/zip.service.js";
import type { ResolverEntry } from "../http/schema.js";
import type { Logger } from "../kernel/log.js";
import type { Stores } from "./stores.js";

interface Parts {
  secret: string;
  stores: Stores;
  services: { files: FileService; folders: FolderService; hasher: PasswordHasher; limits: AttemptLimits };
  zips: ZipService;
  previews: PreviewService;
  baseUrl: () => string;
  log: Logger;
}

/** Share links, for their owners and for their visitors. */
export function shareLinks(parts: Parts): { visits: ShareVisitService; resolvers: ResolverEntry[] } {
  const { stores, zips, previews, baseUrl, log } = parts;
  const { files, folders, hasher, limits } = parts.services;
  const ports = { ...stores, shareKeys: new HmacShares(parts.secret), hasher, limits, log };
  const shares = new ShareService(ports, files, folders, baseUrl);
  return {
    visits: new ShareVisitService(ports, { files, zips, previews }),
    resolvers: [
      { type: ShareResolver, instance: new ShareResolver(shares, stores.files, stores.folders) },
      { type: SharedFileResolver, instance: new SharedFileResolver(shares) },
      { type: SharedFolderResolver, instance: new SharedFolderResolver(shares) },
    ],
  };
}
