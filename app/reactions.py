"""Who reacts to what: one table, one page.

Reactions run in the transaction that recorded the event, before it commits, in the order given.
They only touch the database; what must not be able to fail the sale is a job they enqueue.
"""

from bot import notices
from campaigns.events import DealPosted
from core.events import Reactions
from core.mail_events import MailFailed
from inbox import cases
from inbox.events import (
    AnsweredElsewhere,
    ConversationClosed,
    ConversationHandedOver,
    MessageFailed,
    MessageReceived,
    MessageSent,
)
from payments import alarms
from payments.events import (
    CancelledPaymentRefunded,
    DisputeClosed,
    MoneyMissingAtStripe,
    OverpaymentRefunded,
    PaymentDisputed,
    PaymentFailed,
    PaymentMismatched,
    PaymentProcessing,
    PaymentsResumed,
    PaymentsStopped,
    PaymentSucceeded,
    RefundFailed,
    RefundMadeAtStripe,
    RefundPaidElsewhere,
    RefundPending,
    RefundSucceeded,
    StripeKeyRejected,
)
from promotions.events import DealCreated, DealEnded
from storefront.changes import paying as changes
from storefront.events import (
    GoodsWereGone,
    OrderCancelled,
    OrderChanged,
    OrderChangeDropped,
    OrderChangeWaits,
    OrderCorrected,
    OrderDelivered,
    OrderExpired,
    OrderNeedsAttention,
    OrderPaid,
    OrderPlaced,
    OrderReady,
    OrderRefunded,
    OrderSent,
    ParcelTracked,
    ProductChanged,
    ReturnArrived,
    ReviewDue,
    ShipmentUndone,
    StockRanOut,
    WithdrawalAccepted,
    WithdrawalReceived,
    WithdrawalRejected,
)
from storefront.invoices import writing as invoices
from storefront.letters import deciding as letters
from storefront.letters import failing
from storefront.orders import paying, refunding
from storefront.shipping import fulfilment
from storefront.storefronts import on_deal_changed
from storefront.withdrawals import letters as case_letters
from storefront.withdrawals import matching

REACTIONS: Reactions = {
    # money
    PaymentSucceeded: [paying.on_payment_succeeded, changes.on_payment_succeeded],
    PaymentProcessing: [paying.on_payment_processing],
    PaymentFailed: [paying.on_payment_failed, letters.on_payment_failed],
    PaymentMismatched: [paying.on_payment_mismatched],
    PaymentDisputed: [paying.on_payment_disputed, alarms.on_payment_disputed],
    DisputeClosed: [],
    OverpaymentRefunded: [refunding.on_overpayment_refunded],
    CancelledPaymentRefunded: [refunding.on_cancelled_payment_refunded],
    RefundPending: [],
    RefundMadeAtStripe: [refunding.on_refund_made_at_stripe],
    RefundSucceeded: [refunding.on_refund_succeeded],
    RefundFailed: [refunding.on_refund_failed],
    RefundPaidElsewhere: [refunding.on_refund_paid_elsewhere],
    MoneyMissingAtStripe: [alarms.on_money_missing],
    StripeKeyRejected: [alarms.on_key_rejected],
    PaymentsStopped: [alarms.on_payments_stopped],
    PaymentsResumed: [],
    # orders
    OrderPlaced: [letters.on_order_placed],
    OrderPaid: [letters.on_order_paid, notices.give_receipt, invoices.on_order_paid],
    OrderReady: [letters.on_order_ready, notices.tell_ready],
    OrderSent: [letters.on_order_sent, notices.tell_sent],
    ParcelTracked: [letters.on_parcel_tracked, notices.tell_tracking],
    OrderDelivered: [letters.on_order_delivered, notices.tell_delivered],
    ShipmentUndone: [letters.on_shipment_undone, notices.tell_undone],
    ReviewDue: [letters.on_review_due],
    OrderRefunded: [letters.on_order_refunded, notices.tell_refund, invoices.on_order_refunded],
    OrderCancelled: [letters.on_order_cancelled, fulfilment.on_order_cancelled],
    GoodsWereGone: [letters.on_goods_gone, notices.tell_gone, cases.open_case],
    OrderCorrected: [letters.on_order_corrected],
    OrderChanged: [letters.on_order_changed, notices.tell_changed, invoices.on_order_changed],
    OrderChangeWaits: [letters.on_change_waits, notices.ask_for_difference],
    OrderChangeDropped: [letters.on_change_dropped],
    OrderExpired: [],
    OrderNeedsAttention: [],
    MailFailed: [failing.on_mail_failed],
    # withdrawals and other returns
    WithdrawalReceived: [case_letters.on_withdrawal_received, matching.on_withdrawal_received],
    WithdrawalAccepted: [case_letters.on_withdrawal_accepted],
    WithdrawalRejected: [case_letters.on_withdrawal_rejected],
    ReturnArrived: [case_letters.on_return_arrived],
    # goods and deals
    ProductChanged: [],
    StockRanOut: [],
    DealCreated: [on_deal_changed],
    DealEnded: [on_deal_changed],
    DealPosted: [],
    # what customers say
    MessageReceived: [],
    MessageSent: [],
    MessageFailed: [],
    AnsweredElsewhere: [],
    ConversationHandedOver: [],
    ConversationClosed: [],
}
