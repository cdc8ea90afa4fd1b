/**
 * An address as it is opened: absolute, host names in ASCII; `null` for anything but web and mail. A name that looks
 * like another shows here what it is.
 */
export function address(href: string): string | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  return ['https:', 'http:', 'mailto:'].includes(url.protocol) ? url.href : null;
}
