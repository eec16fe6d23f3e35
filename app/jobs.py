"""Every job of every room, and the tools it gets: one table, one page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web

from bot.answering import VOICE
from bot.webhook import work_on_thread
from campaigns.posting import publish_deal_post
from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.intake import forget_old_arrivals
from core.jobs import Handler, JobFunction, Periodic, name_of
from core.live import forget_old_changes
from core.mail import POST, send_mail
from core.mail_words import ATTEMPTS
from core.pages import PAGES
from core.shared_limits import forget_spent_limits
from inbox.delivering import send_reply, send_waiting
from inbox.gaps import hunt_gaps
from inbox.learning_names import learn_name
from inbox.moderating import carry_out
from inbox.reading_posts import read_post
from inbox.settling import settle_unclear
from meta.pages import GRAPHS
from meta.tokens import check_tokens
from payments.alarms import watch_deadlines, write_alarm
from payments.clients import STRIPES
from payments.closing import close_checkouts
from payments.connecting import take_account_news
from payments.giving_back import send_refund
from payments.hearsay import look_at_dispute, look_at_refund
from payments.reconciling import catch_up, reconcile
from payments.settling import settle
from payments.webhooks import read_events
from storefront.changes.paying import lapse_changes
from storefront.forgotten_baskets import forget_old_baskets
from storefront.invoices.writing import write_waiting
from storefront.letters.writing import write_letter
from storefront.orders.ending import expire_unpaid_orders
from storefront.shipping.reviews import ask_for_reviews
from storefront.stock_books import check_books
from storefront.withdrawals.letters import write_case_letter, write_withdrawal_receipt
from storefront.withdrawals.matching import file_declaration

Tools = tuple[web.AppKey[Any], ...]


@dataclass(frozen=True, slots=True)
class Work:
    """A job and what is handed to it first; `every` makes it run by itself."""

    function: JobFunction
    tools: Tools
    attempts: int = 8
    every: timedelta | None = None


STORE: Tools = (DATABASE, CLOCK)
META: Tools = (DATABASE, GRAPHS, CLOCK)
STRIPE: Tools = (DATABASE, STRIPES, CLOCK)
LETTER: Tools = (DATABASE, PAGES, CLOCK, OWN_ORIGIN)

TABLE = (
    # what customers say comes in, and answers go out
    Work(work_on_thread, (DATABASE, CLOCK, VOICE)),
    Work(send_reply, META),
    Work(settle_unclear, META),
    Work(send_waiting, STORE, every=timedelta(minutes=1)),
    Work(carry_out, META),
    Work(hunt_gaps, META, every=timedelta(minutes=10)),
    Work(learn_name, META, attempts=4),
    Work(read_post, META, attempts=4),
    Work(publish_deal_post, META),
    # money
    Work(read_events, STORE),
    Work(settle, STRIPE),
    Work(close_checkouts, STRIPE),
    Work(send_refund, STRIPE, attempts=12),
    Work(look_at_refund, STRIPE),
    Work(look_at_dispute, STRIPE),
    Work(take_account_news, STRIPE),
    Work(write_alarm, LETTER),
    Work(watch_deadlines, STORE, every=timedelta(hours=1)),
    Work(reconcile, STRIPE, every=timedelta(minutes=5)),
    Work(catch_up, STRIPE, every=timedelta(hours=1)),
    Work(expire_unpaid_orders, STRIPE, every=timedelta(minutes=1)),
    Work(lapse_changes, STRIPE, every=timedelta(minutes=5)),
    # invoices
    Work(write_waiting, STORE),
    # withdrawals
    Work(file_declaration, STORE),
    # e-mails
    Work(write_letter, LETTER),
    Work(write_withdrawal_receipt, LETTER),
    Work(write_case_letter, LETTER),
    Work(send_mail, (DATABASE, POST, CLOCK), attempts=ATTEMPTS),
    # afterwards
    Work(ask_for_reviews, STORE, every=timedelta(hours=1)),
    # keeping house
    Work(check_tokens, META, every=timedelta(hours=6)),
    Work(forget_old_changes, STORE, every=timedelta(hours=1)),
    Work(forget_old_arrivals, STORE, every=timedelta(hours=6)),
    Work(forget_spent_limits, STORE, every=timedelta(hours=6)),
    Work(forget_old_baskets, STORE, every=timedelta(hours=24)),
    Work(check_books, STORE, every=timedelta(hours=1)),
)

JOBS_ON_ONE_PAGE = tuple(name_of(work.function) for work in TABLE)
PERIODICS = tuple(
    Periodic(name_of(work.function), work.every) for work in TABLE if work.every is not None
)


def handlers_for(app: web.Application) -> dict[str, Handler]:
    """Each job with its tools bound: what the engine runs."""
    return {
        name_of(work.function): Handler(_bind(app, work), attempts=work.attempts) for work in TABLE
    }


def _bind(app: web.Application, work: Work) -> Callable[..., Any]:
    return partial(work.function, *(app[tool] for tool in work.tools))
