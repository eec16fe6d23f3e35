"""What can go wrong with money: two families for Stripe's answers, and the shop's own rules."""

from typing import ClassVar

from core.errors import ShopError, TooManyRequests


class PaymentsNotSetUp(ShopError):
    status = 503
    sentence = "This shop cannot take payments yet. Please contact the shop."


class PaymentsPaused(ShopError):
    status = 503
    sentence = (
        "This shop cannot take payments at the moment. Your order is kept; please contact the shop."
    )


class PaymentsRefused(ShopError):
    """Stripe said no and would say so again. `reason` is in its words, for staff and logs."""

    status = 502
    sentence = "The payment could not be started. Please contact the shop."

    def __init__(self, *, reason: str = "", stripe_code: str = "", param: str = "") -> None:
        super().__init__()
        self.reason = reason
        self.stripe_code = stripe_code
        self.param = param

    def __str__(self) -> str:
        return f"{self.sentence} ({self.reason})" if self.reason else self.sentence


class PaymentsUnavailable(ShopError):
    """No answer, or none that says what happened. Asking again, with the same key, is right.

    `retry_after`: seconds a job is to wait. `is_stored`: Stripe repeats this answer for the
    idempotency key (a 5xx, say; Stripe docs: idempotent requests), so only a new key can succeed.
    """

    status = 503
    sentence = (
        "The payment service cannot be reached at the moment. Nothing is lost: "
        "please try again in a minute."
    )

    def __init__(
        self, *, reason: str = "", is_stored: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__()
        self.reason = reason
        self.is_stored = is_stored
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.sentence} ({self.reason})" if self.reason else self.sentence


class KeyRejected(PaymentsUnavailable):
    """401 or 403. Works again once the owner has put a working key in."""

    problem: ClassVar[str] = "key_rejected"


class KeyLacksRights(KeyRejected):
    problem = "key_lacks_rights"


class TooManyPayPages(TooManyRequests):
    sentence = (
        "The payment page was opened very often. Please try again in %(minutes)s minutes; "
        "your order is kept until then."
    )

    def __init__(self, *, seconds: int) -> None:
        super().__init__(seconds=seconds, minutes=max(1, -(-seconds // 60)))


class TooManyTries(TooManyPayPages):
    sentence = (
        "Many payments did not work here. To protect cards from misuse, paying is possible again "
        "in %(minutes)s minutes. If that is too long, please contact the shop."
    )


class AmountTooSmall(ShopError):
    status = 422
    sentence = "The smallest amount that can be paid online is %(minimum)s."


class BelowMinimum(AmountTooSmall):
    """In a currency whose minimum only Stripe knows."""

    sentence = "This amount is too small to be paid online."


class AmountNotPayable(ShopError):
    status = 422
    sentence = "This amount cannot be paid online. Please contact the shop."


class AlreadyPaid(ShopError):
    status = 409
    sentence = "This order is already paid. Thank you!"


class PaymentOnItsWay(ShopError):
    status = 409
    sentence = "Your payment is on its way. We tell you as soon as it has arrived."


class PaymentInQuestion(ShopError):
    """A different amount came in; paying again would make it worse."""

    status = 409
    sentence = (
        "We have a question about your payment and will contact you. Please do not pay again."
    )


class CheckoutClosed(ShopError):
    status = 410
    sentence = "This order can no longer be paid."


class NothingExpected(ShopError):
    status = 404
    sentence = "There is no payment for this order."


class NothingToRefund(ShopError):
    status = 409
    sentence = "There is nothing left to refund."


class RefundTooLarge(ShopError):
    status = 422
    sentence = "At most %(rest)s can be refunded."


class RefundNotFailed(ShopError):
    status = 409
    sentence = "This refund is not open any more. Somebody may have dealt with it already."


class DebitMayComeBack(ShopError):
    """SEPA: eight weeks without questions."""

    status = 409
    sentence = (
        "This was paid by bank debit less than 8 weeks ago: the buyer's bank can still call the "
        "money back, and would do so even after a refund. Refund only if you are sure."
    )


class DisputeOpen(ShopError):
    status = 409
    sentence = (
        "The buyer's bank has disputed this payment. While that is open, a refund would pay twice."
    )


class NotAKey(ShopError):
    status = 422
    sentence = "This is not a secret or restricted key. It begins with sk_ or rk_."


class PublishableKey(NotAKey):
    sentence = (
        "This is the publishable key (pk_). Please paste the restricted (rk_) or secret key (sk_)."
    )


class WebhookSecretInstead(NotAKey):
    sentence = "This is a webhook secret (whsec_). It belongs into the other field."


class NotAWebhookSecret(ShopError):
    status = 422
    sentence = "This is not a webhook signing secret. It begins with whsec_."


class KeyRefusedByStripe(NotAKey):
    sentence = (
        "Stripe does not accept this key. Perhaps it was rolled or deleted; "
        "please copy it once more from your Stripe dashboard."
    )


class KeyMissesRights(NotAKey):
    sentence = "This key lacks rights the shop needs: %(rights)s."
