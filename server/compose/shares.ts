import type { Config } from "../config.js";
import { DropQuota } from "../files/drop-quota.js";
import { DropService } from "../files/drop.service.js";
import type { Links } from "../files/links.js";
import type { UploadService } from "../files/upload.service.js";
import type { HttpDeps } from "../http/deps.js";
import type { AttemptLimits } from "../auth/attempts.js";
import type { PasswordHasher } from "../auth/auth.ports.js";
import type { FilePlaceService } from "../files/file-place.service.js";
import type { FileService } from "../files/file.service.js";
import type { FolderService } from "../files/folder.service.js";
import type { PreviewService } from "../files/preview.service.js";
import type { ShareKeys } from "../files/share.ports.js";
import { ShareResolver } from "../files/share.resolver.js";
import { ShareService } from "../files/share.service.js";
import { ShareVisitService } from "../files/share-visit.service.js";
import { SharedFileResolver, SharedFolderResolver } from "../files/shared-things.resolver.js";
import type { ZipService } from "../files/zip.service.js";
import type { ResolverEntry } from "../http/schema.js";
import type { Logger } from "../kernel/log.js";
import type { Stores } from "./stores.js";

interface Parts {
  stores: Stores;
  services: {
    files: FileService;
    folders: FolderService;
    hasher: PasswordHasher;
    limits: AttemptLimits;
    shareKeys: ShareKeys;
  };
  zips: ZipService;
  previews: PreviewService;
  baseUrl: () => string;
  log: Logger;
}

/** Share links, for their owners and for their visitors. */
export function shareLinks(parts: Parts) {
  const { stores, zips, previews, baseUrl, log } = parts;
  const { files, folders, hasher, limits, shareKeys } = parts.services;
  const ports = { ...stores, shareKeys, hasher, limits, log };
  const shares = new ShareService(ports, files, folders, baseUrl);
  return {
    shares,
    visits: new ShareVisitService(ports, { files, zips, previews }),
    resolvers: [
      { type: ShareResolver, instance: new ShareResolver(shares, stores.files, stores.folders) },
      { type: SharedFileResolver, instance: new SharedFileResolver(shares) },
      { type: SharedFolderResolver, instance: new SharedFolderResolver(shares) },
    ] satisfies ResolverEntry[],
  };
}

/** The door for uploads, with or without an account, and where what came through it is found. */
export function openDrops(
  shares: ShareService,
  links: Links,
  parts: {
    config: Pick<Config, "anonymous" | "rateLimitScale">;
    stores: Pick<Stores, "attempts">;
    services: { uploads: UploadService; folders: FolderService; places: { files: FilePlaceService } };
  },
): { drops: DropService } & Pick<HttpDeps, "linksTo" | "anonymousUploads" | "dropLimits" | "receiveForm"> {
  const { quota, ...rules } = parts.config.anonymous;
  const { uploads, folders, places } = parts.services;
  const counted = new DropQuota(parts.stores.attempts, quota, parts.config.rateLimitScale);
  const drops = new DropService(uploads, shares, { folders, places: places.files }, counted, rules);
  return {
    drops,
    receiveForm: (viewer, form, hint, signal) => drops.receiveForm(viewer, form, hint, signal),
    anonymousUploads: rules.isAllowed,
    dropLimits: { days: rules.days, fileBytes: quota.fileBytes },
    async linksTo(viewer, file) {
      const downloadUrl = await links.download(viewer, file);
      if (viewer.kind === "user") return { downloadUrl };
      const [found] = await shares.newestTo([file.id]);
      if (found === undefined) return { downloadUrl };
      const { link } = found;
      return { downloadUrl, shareLink: { url: shares.urlOf(link), expiresAt: link.expiresAt } };
    },
  };
}
