"""Withdrawing line by line from an order's page, and what the buyer needs to send goods back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError, TooManyRequests
from core.pages import SAFE_HEADERS
from storefront.entering import Entry, ShopRoutes, enter, go_on
from storefront.forms import WithdrawalForm
from storefront.notes import exact_time, note_of
from storefront.orders.finding import find_order
from storefront.orders.models import Order
from storefront.withdrawals.errors import NoGoodsChosen, TooManyPieces, WithdrawalUnknown
from storefront.withdrawals.finding import find_label, get_case
from storefront.withdrawals.forms import LinesForm, read_pieces
from storefront.withdrawals.goods import Choosable, Pieces, choosable
from storefront.withdrawals.pages import minutes, pace
from storefront.withdrawals.receiving import Declaration, declare_for_order

_PAGE = "storefront/withdraw_lines.html"

routes = ShopRoutes()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was ticked and typed, and what the order has."""

    order: Order
    lines: list[Choosable]
    form: LinesForm
    pieces: Pieces

    @property
    def chosen(self) -> list[tuple[str, int]]:
        return [(one.line.name, self.pieces[one.line.key]) for one in self.lines
                if self.pieces.get(one.line.key)]  # fmt: skip


@routes.at("GET", "o/{token}/withdraw")
async def show_lines(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order, lines = await _order(entry)
    return _form(entry, order, lines, Filled({"name": order.name}))


async def _order(entry: Entry) -> tuple[Order, list[Choosable]]:
    async with entry.request.app[DATABASE].reading() as session:
        order = await find_order(session, entry.shop.key, entry.request.match_info["token"])
        return order, await choosable(session, order)


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as somebody left it, and what is wrong with it."""

    values: Mapping[str, Any]
    pieces: Pieces = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def _form(entry: Entry, order: Order, lines: list[Choosable], filled: Filled) -> web.Response:
    return entry.page(
        _PAGE, status=filled.status, step="form", order=order, lines=lines, values=filled.values,
        pieces=filled.pieces, errors=filled.errors,
    )  # fmt: skip


@routes.at("POST", "o/{token}/withdraw")
async def check_lines(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    asked = await _read(entry)
    if isinstance(asked, web.Response):
        return asked
    if "change" in await request.post():
        return _form(
            entry, asked.order, asked.lines, Filled(asked.form.model_dump(), asked.pieces)
        )  # fmt: skip
    return entry.page(_PAGE, step="check", asked=asked, order=asked.order, errors={})


@routes.at("POST", "o/{token}/withdraw/confirm")
async def declare_lines(request: web.Request) -> web.StreamResponse:
    """Pressed twice it is one declaration: whether the pieces are free is asked where they are
    taken."""
    entry, now = await enter(request), request.app[CLOCK]()
    asked = await _read(entry, is_first_step=False)
    if isinstance(asked, web.Response):
        return asked
    try:
        delay = pace(entry)
    except TooManyRequests as often:
        return entry.page(
            _PAGE, status=often.status, step="check", asked=asked, order=asked.order, errors={},
            too_often=minutes(often),
        )  # fmt: skip
    form = WithdrawalForm(
        name=asked.form.name, contract=str(asked.order.number), scope=asked.form.scope,
        email=asked.form.email or asked.order.email,
    )  # fmt: skip
    try:
        async with request.app[DATABASE].transaction() as session:
            declared = await declare_for_order(
                session, asked.order, Declaration(form, entry.locale, delay), asked.pieces, now=now
            )
    except ShopError as refused:
        said = {"lines": entry.say(note_of(refused))}
        filled = Filled(asked.form.model_dump(), asked.pieces, said, refused.status)
        return _form(entry, asked.order, asked.lines, filled)
    return entry.page(
        _PAGE, step="done", order=asked.order, declared=declared, errors={}, delay=delay,
        exact=lambda at: exact_time(at, entry.shop, entry.locale),
    )  # fmt: skip


async def _read(entry: Entry, *, is_first_step: bool = True) -> Asked | web.Response:
    """What was sent, or the form again with what is wrong in it."""
    data = await entry.request.post()
    order, lines = await _order(entry)
    typed = {name: str(data.get(name, ""))[:2000] for name in ("name", "email", "scope")}
    pieces: Pieces = {}
    try:
        pieces = read_pieces(data)
        form = LinesForm.read(data)
        _check(lines, pieces, form, counts=is_first_step)
    except InvalidForm as wrong:
        return _form(entry, order, lines, Filled(typed, pieces, wrong.fields, wrong.status))
    except ShopError as refused:
        said = {"lines": entry.say(note_of(refused))}
        return _form(entry, order, lines, Filled(typed, pieces, said, refused.status))
    return Asked(order, lines, form, {key: number for key, number in pieces.items() if number})


def _check(lines: list[Choosable], pieces: Pieces, form: LinesForm, *, counts: bool) -> None:
    """Said in words alone it counts too: what cannot be ticked here, people decide about."""
    left = {one.line.key: one for one in lines if one.has_right}
    for line_id, number in pieces.items():
        if line_id not in left:
            raise NoGoodsChosen()
        if counts and number > left[line_id].left:
            raise TooManyPieces(left=left[line_id].left, name=left[line_id].line.name)
    if not any(pieces.values()) and not form.scope:
        raise NoGoodsChosen()


@routes.at("GET", "o/{token}/withdraw/confirm")
async def back_to_lines(request: web.Request) -> web.StreamResponse:
    return go_on(
        await enter(request), f"o/{quote(request.match_info['token'], safe='')}/withdraw"
    )  # fmt: skip


@routes.at("GET", "o/{token}/returns/{case_id:\\d{1,9}}/label.pdf")
async def show_label(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    async with request.app[DATABASE].reading() as session:
        order = await find_order(session, entry.shop.key, request.match_info["token"])
        case = await get_case(session, entry.shop.key, int(request.match_info["case_id"]))
        label = await find_label(session, case)
    if label is None or case.order_id != order.key:
        raise WithdrawalUnknown()
    return as_label(label.pdf, order.number)


def as_label(pdf: bytes, number: int) -> web.Response:
    """As a download: it was uploaded, and is not to run as a page of ours."""
    headers = {"Content-Disposition": f'attachment; filename="label-{number}.pdf"',
               "Cache-Control": "private, no-store"}  # fmt: skip
    return web.Response(body=pdf, content_type="application/pdf", headers=SAFE_HEADERS | headers)
