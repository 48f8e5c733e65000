/** What services and adapters log through. `fields` never hold a secret; the logger redacts known ones anyway. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
