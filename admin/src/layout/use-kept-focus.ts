import { useEffect } from "react";

const PAGE = "#main-content";
const PLACES = `${PAGE}, ${PAGE} section[aria-label]`;

/**
 * What has the keyboard's focus may vanish by what is done with it: a row that is moved away, a link to another page. Then
 * the focus goes to what was around it, and not to the beginning of the document.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | undefined;
    let places: HTMLElement[] = [];
    const remember = ({ target }: FocusEvent) => {
      if (!(target instanceof Element)) return;
      last = target;
      // A dialog or a notification is in no place: what opened it was.
      const around = placesAround(target);
      if (around.length > 0) places = around;
    };
    const observer = new MutationObserver(() => {
      if (last === undefined || last.isConnected || document.activeElement !== document.body) return;
      // It looks after its focus itself.
      if (document.querySelector('[aria-modal="true"]')) return;
      last = undefined;
      const place =
        places.find(({ isConnected }) => isConnected) ?? document.querySelector<HTMLElement>(PAGE);
      place?.setAttribute("tabindex", "-1");
      place?.focus({ preventScroll: true });
    });

    document.addEventListener("focusin", remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", remember);
      observer.disconnect();
    };
  }, []);
}

/** Innermost first. */
function placesAround(element: Element): HTMLElement[] {
  const found: HTMLElement[] = [];
  for (
    let place = element.closest<HTMLElement>(PLACES);
    place;
    place = place.parentElement?.closest<HTMLElement>(PLACES) ?? null
  )
    found.push(place);
  return found;
}
