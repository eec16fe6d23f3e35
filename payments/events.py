"""What happens to money. `reference` is what the payment was expected under."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PaymentSucceeded:
    """The expected amount came in: once for each reference, however late."""

    shop_id: int
    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentProcessing:
    """The buyer is done, the bank is not (SEPA debit: days). Keep the goods, ship nothing."""

    shop_id: int
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """No money came, and none is on its way: what was held may be let go."""

    shop_id: int
    reference: str
    reason: Literal["failed", "expired"]


@dataclass(frozen=True, slots=True)
class PaymentMismatched:
    """Money came in, but not what was expected. A person must look."""

    shop_id: int
    reference: str
    amount_minor: int
    currency: str
    expected_minor: int
    expected_currency: str


@dataclass(frozen=True, slots=True)
class OverpaymentRefunded:
    """It was paid twice, and the later payment has gone back by itself."""

    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CancelledPaymentRefunded:
    """Money came after the cancellation, and has gone back by itself."""

    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundPending:
    """Stripe has taken the refund on, but it waits: for the balance, for the bank."""

    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundMadeAtStripe:
    """Somebody has decided on it in Stripe's dashboard, whatever becomes of it.

    `amount_minor` is what nobody here had decided on before: not the part that takes the place of
    refunds from here, which no longer fit into the payment.
    """

    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundSucceeded:
    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The money is (again) with the shop: it has to find another way back to the buyer."""

    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundPaidElsewhere:
    """A refund had failed, and the shop has paid the money back by other means (`by` noted it).
    `cause` is the refund's: a payment nobody wanted was never counted as paid."""

    shop_id: int
    reference: str
    refund_id: int
    amount_minor: int
    currency: str
    by: str
    cause: str = "asked"


@dataclass(frozen=True, slots=True)
class MoneyMissingAtStripe:
    """The ledger holds a movement that the shop's Stripe account does not know."""

    shop_id: int
    reference: str
    stripe_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentDisputed:
    shop_id: int
    reference: str
    dispute_id: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class DisputeClosed:
    """`outcome` is Stripe's word: won, lost, prevented, warning_closed."""

    shop_id: int
    reference: str
    dispute_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class PaymentsStopped:
    """Nobody can pay: the account was disconnected, or Stripe has switched its charges off."""

    shop_id: int
    problem: Literal["disconnected", "charges_off"]


@dataclass(frozen=True, slots=True)
class PaymentsResumed:
    shop_id: int


@dataclass(frozen=True, slots=True)
class StripeKeyRejected:
    """The shop cannot sell until its owner puts a working key in."""

    shop_id: int
    problem: Literal["key_rejected", "key_lacks_rights"]
