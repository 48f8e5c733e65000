/** The address carries its own short-lived token, so the browser's download manager can follow it, Range and all. */
export function followLink(url: string, name: string): void {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.rel = "noreferrer";
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
}

/**
 * A link as this page may load it. The API may know itself by another name than the one that the console was opened
 * under, and pages show only what comes from their own.
 */
export function onThisHost(url: string): string {
  const { pathname, search } = new URL(url, window.location.href);
  return pathname + search;
}
