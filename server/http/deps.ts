import type { Readable } from "node:stream";
import type { GraphQLSchema } from "graphql";
import type { AuditFilter, AuditRecord } from "../admin/audit.ports.js";
import type { CounterWatch } from "../admin/statistics.ports.js";
import type { Authenticator } from "../auth/authenticator.js";
import type { FormFile } from "../files/drop.service.js";
import type { File } from "../files/file.js";
import type { ThumbnailSize } from "../files/preview.js";
import type { ShareVisitService } from "../files/share-visit.service.js";
import type { AnonymousViewer, TransferWatch, Viewer } from "../kernel/context.js";
import type { Logger } from "../kernel/log.js";
import type { ReadinessCheck } from "./health.js";

/** Takes a file's bytes in. */
export interface UploadPort {
  /**
   * Asked before the client is told to send.
   * @throws AppError when what it declares can never be stored
   */
  admit(viewer: Viewer, hint: { declaredBytes?: number; mostBytes?: number }): Promise<void>;
  /**
   * Resolves once the bytes are staged. Reads `body` to its end, or fails; whoever calls destroys `body`.
   * @throws AppError for whatever the client can do something about
   */
  receive(
    viewer: Viewer,
    request: {
      name: string;
      folderId?: string;
      mimeType?: string;
      sha256?: string;
      declaredBytes?: number;
      mostBytes?: number;
    },
    body: Readable,
    signal: AbortSignal,
  ): Promise<File>;
}

/** Gives a file's bytes out. */
export interface DownloadPort {
  /** @throws AppError NOT_FOUND when the viewer may not see it, UNAVAILABLE when its bytes cannot be had now */
  open(viewer: Viewer, fileId: string): Promise<OpenDownload>;
}

export interface OpenDownload {
  file: File;
  /** Bytes `start`..`end`, both included. Never called for an empty file. The caller destroys the stream. */
  read(range: { start: number; end: number }, signal: AbortSignal): Promise<Readable>;
}

/** Gives small views of files out. */
export interface PreviewPort {
  /** @throws AppError NOT_FOUND when the viewer may not see the file or it has none, UNAVAILABLE as above */
  thumbnail(viewer: Viewer, fileId: string, size: ThumbnailSize): Promise<{ file: File; webp: Buffer }>;
  /** @throws AppError NOT_FOUND when the viewer may not see the file or it is no text, UNAVAILABLE as above */
  text(
    viewer: Viewer,
    fileId: string,
    signal: AbortSignal,
  ): Promise<{ file: File; text: string; charset: string; isCut: boolean }>;
}

/** Several files as one zip. */
export interface ZipPort {
  /** @throws AppError NOT_FOUND when the viewer may not see it, BAD_USER_INPUT when it holds too much */
  folder(viewer: Viewer, folderId: string): Promise<OpenZip>;
  /** @throws AppError NOT_FOUND when the viewer may not see one of them, BAD_USER_INPUT for none or too many */
  selection(viewer: Viewer, fileIds: readonly string[]): Promise<OpenZip>;
  /** A selection that a signed link names. @throws AppError NOT_FOUND also when it is over */
  kept(viewer: Viewer, selectionId: string): Promise<OpenZip>;
}

export interface OpenZip {
  name: string;
  sizeBytes: number;
  /** Exactly `sizeBytes`, or an error. The caller destroys the stream. */
  read(signal: AbortSignal): Readable | Promise<Readable>;
}

export type SharePort = Pick<
  ShareVisitService,
  "open" | "unlock" | "lookAt" | "file" | "folder" | "text" | "thumbnail" | "zip" | "deliver"
>;

/** Where what was uploaded is found. The share link is there only without an account. */
export interface UploadLinks {
  downloadUrl: string;
  shareLink?: { url: string; expiresAt: Date | undefined };
}

export interface HttpSettings {
  production: boolean;
  maxFileBytes: number;
  http: {
    host: string;
    port: number;
    trustProxy: boolean | string;
    publicUrl: string | undefined;
    /** Origins that a browser may call from, beside our own. */
    frontends: readonly string[];
  };
}

export interface HttpDeps {
  config: HttpSettings;
  schema: GraphQLSchema;
  authenticator: Authenticator;
  uploads: UploadPort;
  downloads: DownloadPort;
  previews: PreviewPort;
  zips: ZipPort;
  /** What visitors of share links get. */
  shares: SharePort;
  /** The absolute links to a file that was just uploaded, as `File.downloadUrl` and, without an account, `File.shareLink` give them. */
  linksTo(viewer: Viewer, file: File): Promise<UploadLinks>;
  /** Whether anybody may upload without an account. */
  anonymousUploads: boolean;
  /** What the page for it says. */
  dropLimits: { days: number; fileBytes: number };
  /**
   * Stores what a form brings without an account, one file after the other.
   * @returns the address of the link to it
   * @throws AppError when none of them could be stored
   */
  receiveForm(
    viewer: AnonymousViewer,
    files: AsyncIterable<FormFile>,
    hint: { mostBytes?: number },
    signal: AbortSignal,
  ): Promise<string>;
  /** Streams progress to subscriptions. */
  watch: TransferWatch;
  watchCounters: CounterWatch;
  /** @throws AppError UNAUTHENTICATED or FORBIDDEN for everybody but administrators */
  auditExport(viewer: Viewer, filter: AuditFilter, format: string): Promise<AsyncIterable<AuditRecord>>;
  checks: readonly ReadinessCheck[];
  log: Logger;
  /** The built console's folder; without it `/admin` answers that it is not built. */
  consoleDir?: string;
}
