import { Link } from "@mui/material";
import { ConsentInput } from "./consent-input.js";
import { useServiceTerms } from "./use-service-terms.js";

/** What a new account takes, each with a link to what it is where there is such a page. */
export function Consents() {
  const service = useServiceTerms();
  return (
    <>
      <ConsentInput
        source="acceptTerms"
        label={
          <>
            I accept the <Page url={service?.termsUrl}>terms of use</Page>
          </>
        }
      />
      <ConsentInput
        source="acceptPrivacy"
        label={
          <>
            I have read <Page url={service?.privacyUrl}>how my data is used</Page>
          </>
        }
      />
    </>
  );
}

/** Opens beside the form, so that what was filled in stays. */
function Page({ url, children }: { url: string | null | undefined; children: string }) {
  if (!url) return children;
  return (
    <Link href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </Link>
  );
}
