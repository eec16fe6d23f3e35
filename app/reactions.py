"""Who reacts to what: one table, one page.

Reactions run in the transaction that recorded the event, before it commits, in the order given.
They only touch the database; what must not be able to fail the sale is a job they enqueue.
"""

from bot import notices
from campaigns.events import DealPosted
from core.events import Reactions
from inbox.events import (
    AnsweredElsewhere,
    ConversationClosed,
    ConversationHandedOver,
    MessageFailed,
    MessageReceived,
    MessageSent,
)
from payments.events import (
    CancelledPaymentRefunded,
    DisputeClosed,
    OverpaymentRefunded,
    PaymentDisputed,
    PaymentFailed,
    PaymentMismatched,
    PaymentProcessing,
    PaymentSucceeded,
    RefundFailed,
    RefundPending,
    RefundSucceeded,
    StripeKeyRejected,
)
from promotions.events import DealCreated, DealEnded
from storefront.changes import paying as changes
from storefront.events import (
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
    ProductChanged,
    ReviewDue,
    ShipmentUndone,
    StockRanOut,
    WithdrawalReceived,
)
from storefront.invoices import writing as invoices
from storefront.letters import deciding as letters
from storefront.orders import paying, refunding
from storefront.shipping import fulfilment
from storefront.storefronts import on_deal_changed

REACTIONS: Reactions = {
    # money
    PaymentSucceeded: [paying.on_payment_succeeded, changes.on_payment_succeeded],
    PaymentProcessing: [paying.on_payment_processing],
    PaymentFailed: [paying.on_payment_failed, letters.on_payment_failed],
    PaymentMismatched: [paying.on_payment_mismatched],
    PaymentDisputed: [paying.on_payment_disputed],
    DisputeClosed: [],
    OverpaymentRefunded: [paying.on_overpayment_refunded],
    CancelledPaymentRefunded: [refunding.on_cancelled_payment_refunded],
    RefundPending: [],
    RefundSucceeded: [refunding.on_refund_succeeded],
    RefundFailed: [refunding.on_refund_failed],
    StripeKeyRejected: [],
    # orders
    OrderPlaced: [letters.on_order_placed],
    OrderPaid: [letters.on_order_paid, notices.give_receipt, invoices.on_order_paid],
    OrderReady: [letters.on_order_ready, notices.tell_ready],
    OrderSent: [letters.on_order_sent, notices.tell_sent],
    OrderDelivered: [letters.on_order_delivered, notices.tell_delivered],
    ShipmentUndone: [letters.on_shipment_undone, notices.tell_undone],
    ReviewDue: [letters.on_review_due],
    OrderRefunded: [letters.on_order_refunded, notices.tell_refund, invoices.on_order_refunded],
    OrderCancelled: [letters.on_order_cancelled, fulfilment.on_order_cancelled],
    OrderCorrected: [letters.on_order_corrected],
    OrderChanged: [letters.on_order_changed, notices.tell_changed],
    OrderChangeWaits: [letters.on_change_waits, notices.ask_for_difference],
    OrderChangeDropped: [letters.on_change_dropped],
    OrderExpired: [],
    OrderNeedsAttention: [],
    WithdrawalReceived: [letters.on_withdrawal_received],
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
