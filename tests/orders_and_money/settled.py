"""What must hold when the dust has settled: our books are Stripe's, and nothing waits for ever."""

from collections import Counter, defaultdict

from payments.models import LIVE_STATES
from storefront.orders.apologies import GONE
from storefront.orders.models import Order
from tests.orders_and_money.bank import Bank
from tests.orders_and_money.books import Books
from tests.orders_and_money.shops import Stocked

# Stripe's word for a refund that has taken the money along.
TAKEN_ON = ("pending", "requires_action", "succeeded")
FINAL = ("confirmed", "closed", "cancelled", "expired")


def check_settled(books: Books, bank: Bank, shops: list[Stocked]) -> None:
    check_nothing_waits(books, bank)
    for shop in shops:
        check_ledger(books, bank, shop)
    check_refunds_asked_once(books, bank)
    for order in books.orders:
        check_cases(books, order)
        check_money(books, order)
        check_invoices(books, order)
        check_letters(books, order)


def check_nothing_waits(books: Books, bank: Bank) -> None:
    assert [(one.name, one.reason) for one in books.dead_jobs] == []
    assert [one.kind for one in books.incoming if one.state not in ("done", "ignored")] == []
    assert [one.state for one in books.attempts if one.state in LIVE_STATES] == []
    waiting = [one for one in books.refunds if one.state not in ("succeeded", "failed", "canceled")]
    assert [(one.key, one.state) for one in waiting] == []
    stuck = {order.key: order.state for order in books.orders if order.state not in FINAL}
    assert stuck == {}, "orders that no longer move"
    assert [one.key for one in books.changes if one.state == "waiting"] == []
    assert [one["id"] for one in bank.things("checkout.session") if one["status"] == "open"] == []
    assert [one.entry_id for one in books.missing] == [], "money that Stripe does not know"
    assert [one.differing for one in books.stock_checks if one.differing] == []


def check_ledger(books: Books, bank: Bank, shop: Stocked) -> None:
    """Movement by movement, under Stripe's own ids."""
    account = shop.merchant.account_id
    theirs: Counter[str] = Counter()
    for intent in bank.things("payment_intent", account):
        theirs[intent["id"]] += intent["amount_received"]
    for refund in bank.things("refund", account):
        theirs[refund["id"]] -= refund["amount"] if refund["status"] in TAKEN_ON else 0
    for dispute in bank.things("dispute", account):
        theirs[dispute["id"]] += sum(one["amount"] for one in dispute["balance_transactions"])
    ours: Counter[str] = Counter()
    for entry in books.entries:
        if entry.shop_id == shop.shop.key and entry.kind != "refund_elsewhere":
            ours[entry.stripe_id.split(":")[0]] += entry.amount_minor * shop.wares.at_stripe
    assert _not_zero(ours) == _not_zero(theirs), f"the ledger of {shop!r} against Stripe's"


def _not_zero(sums: Counter[str]) -> dict[str, int]:
    return {stripe_id: amount for stripe_id, amount in sums.items() if amount}


def check_refunds_asked_once(books: Books, bank: Bank) -> None:
    """What we decided to give back was made once at Stripe, and never more than it was."""
    made: dict[str, list[int]] = defaultdict(list)
    for one in bank.things("refund"):
        mark = one["metadata"].get("tresen_refund")
        if mark is not None:
            made[mark].append(one["amount"])
    assert {mark: len(amounts) for mark, amounts in made.items() if len(amounts) > 1} == {}
    assert set(made) <= {str(one.key) for one in books.refunds}
    tries = {str(one.key): one.tries for one in books.refunds}
    keys: dict[str, set[str]] = defaultdict(set)
    for params, key in bank.asked_to_make("/v1/refunds"):
        # Of whom Stripe turns away at the door (429) it reads nothing.
        if params:
            keys[params["metadata"]["tresen_refund"]].add(key)
    assert not any("" in used for used in keys.values()), "asked without a key"
    # Stripe stores a failure under its key: only then, and after a look, another one is used.
    assert {mark for mark, used in keys.items() if len(used) > 1 + tries.get(mark, 0)} == set()


UNWANTED = ("second_payment", "order_cancelled")
WHAT_CAME_AND_WENT = ("capture", "refund", "refund_failed", "refund_elsewhere")


def nets_of(books: Books, order: Order) -> tuple[int, int]:
    """What came in for it and has not gone back, and the same of payments that nobody wanted.

    What a bank disputes is still counted: it is decided elsewhere.
    """
    payables = {one.key for one in books.payables_of(order)}
    unwanted = {one.intent_id for one in books.refunds if one.cause in UNWANTED}
    wanted_net = unwanted_net = 0
    for entry in books.entries:
        if entry.payable_id not in payables or entry.kind not in WHAT_CAME_AND_WENT:
            continue
        if entry.intent_id in unwanted:
            unwanted_net += entry.amount_minor
        else:
            wanted_net += entry.amount_minor
    return wanted_net, unwanted_net


def check_money(books: Books, order: Order) -> None:
    """The shop has what it is owed, or somebody has been told why it has more. Never has it less:
    nobody is refunded twice, or more than was let go of."""
    wanted, unwanted = nets_of(books, order)
    has_paid = order.paid_at is not None or bool(books.told(order, GONE))
    if has_paid:
        assert order.paid_minor - order.refunded_minor == wanted, f"order {order.key}, the ledger"
    else:
        assert order.paid_minor == 0
    owed = order.owed_minor if has_paid else 0
    assert wanted >= owed, f"order {order.key}: {wanted} is left of {owed}"
    assert unwanted >= 0
    if (wanted, unwanted) != (owed, 0):
        assert order.concerns, f"{order.key}: {wanted}, {unwanted}, not {owed}"
        assert _has_met_trouble(books, order), f"{order.key}: {wanted}, {unwanted}, not {owed}"


def _has_met_trouble(books: Books, order: Order) -> bool:
    """A refund that failed, a payment that the bank disputes: a person has to find another way."""
    payables = {one.key for one in books.payables_of(order)}
    died = [one for one in books.refunds if one.payable_id in payables and one.state == "failed"]
    disputed = [one for one in books.disputes if one.payable_id in payables]
    return bool(died or disputed)


def check_cases(books: Books, order: Order) -> None:
    """Whose withdrawal was accepted has the money back; nothing lies on the list for ever but what
    a person has to find another way for."""
    for case in books.cases_of(order):
        if case.handled_at is None:
            assert _has_met_trouble(books, order), f"case {case.key} of order {order.key}"
        elif case.is_lawful and case.rejected_at is None:
            assert case.paid_back_at is not None, f"case {case.key} is closed, but not paid back"
        if case.change_id is not None:
            [change] = [one for one in books.changes if one.key == case.change_id]
            assert (change.state, change.to_refund_minor) == ("settled", case.paid_back_minor)


def check_invoices(books: Books, order: Order) -> None:
    """What was written comes to what is owed; after a refund that failed, to what the shop has."""
    written = [one for one in books.invoices if one.order_id == order.key]
    assert bool(written) == (order.paid_at is not None), f"invoices of order {order.key}"
    if written:
        comes_to, wanted = sum(one.total_minor for one in written), nets_of(books, order)[0]
        is_in_trouble = order.concerns and _has_met_trouble(books, order)
        right = {order.owed_minor, wanted} if is_in_trouble else {order.owed_minor}
        assert comes_to in right, f"order {order.key}: invoices come to {comes_to}, not {right}"


def check_letters(books: Books, order: Order) -> None:
    abouts = Counter(one.about for one in books.mails)
    assert [about for about, times in abouts.items() if times > 1] == []
    changed = {one.at for one in books.told(order, "changed")}
    ended = [one for one in books.told(order, "cancelled") if one.at not in changed]
    dropped = [one for one in books.told(order, "change_dropped") if one.by != "customer"]
    expected = {
        "received": 1,
        "paid": int(order.paid_at is not None),
        "gone": len(books.told(order, GONE)),
        "refunded": len(books.told(order, "refunded")),
        "cancelled": sum(one.by not in ("customer", "system") for one in ended),
        "corrected": len(books.told(order, "corrected")),
        "changed": len(books.told(order, "changed")),
        "change_waits": len(books.told(order, "change_waits")),
        "change_dropped": len(dropped),
    }
    written = {kind: len(books.letters(order, kind)) for kind in expected}
    assert written == expected, f"letters about order {order.key}"
