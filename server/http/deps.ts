import type { Readable } from "node:stream";
import type { GraphQLSchema } from "graphql";
import type { AuditFilter, AuditRecord } from "../admin/audit.ports.js";
import type { Authenticator } from "../auth/authenticator.js";
import type { File } from "../files/file.js";
import type { SignedInViewer, TransferWatch, Viewer } from "../kernel/context.js";
import type { Logger } from "../kernel/log.js";
import type { ReadinessCheck } from "./health.js";

/** Takes a file's bytes in. */
export interface UploadPort {
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
  /** The absolute, signed link to a file's bytes, as `File.downloadUrl` gives it. */
  downloadUrl(viewer: SignedInViewer, fileId: string): string;
  /** Streams progress to subscriptions. */
  watch: TransferWatch;
  /** @throws AppError UNAUTHENTICATED or FORBIDDEN for everybody but administrators */
  auditExport(viewer: Viewer, filter: AuditFilter, format: string): Promise<AsyncIterable<AuditRecord>>;
  checks: readonly ReadinessCheck[];
  log: Logger;
  /** The built console's folder; without it `/admin` answers that it is not built. */
  consoleDir?: string;
}
