import { Alert, Button } from "@mui/material";
import { useMutation } from "@tanstack/react-query";
import { useParams } from "react-router-dom";
import { confirmEmail } from "../providers/account.js";
import { messageOf } from "../providers/errors.js";
import { AccountCard } from "./account-card.js";
import { AccountLink } from "./account-link.js";

/** Asks for a click: programs that open the links of mails to look at them must not confirm anything. */
export function ConfirmEmailPage() {
  const { token = "" } = useParams();
  const { mutate, isPending, isSuccess, error } = useMutation({ mutationFn: () => confirmEmail(token) });

  return (
    <AccountCard
      title="Confirm your e-mail address"
      error={error ? messageOf(error) : undefined}
      footer={<AccountLink to="/">Go to the console</AccountLink>}
    >
      {isSuccess ? (
        <Alert severity="success">The address is confirmed. Sign in with it from now on.</Alert>
      ) : (
        <Button variant="contained" size="large" fullWidth loading={isPending} onClick={() => mutate()}>
          Confirm this address
        </Button>
      )}
    </AccountCard>
  );
}
