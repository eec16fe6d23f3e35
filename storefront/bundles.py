"""Bundles: variants made of others. They have no stock of their own, their parts have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.models import Product, Variant, VariantPart
from storefront.naming import full_name

Parts = Mapping[int, int]
"""How many pieces of which variant are in one bundle."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """How many pieces can be had of some variants and of what they are made of.

    `pieces` and `names` are those of everything that lies on the shelf itself, `parts` those of
    every bundle among them.
    """

    pieces: Mapping[int, int]
    parts: Mapping[int, Parts]
    names: Mapping[int, str]

    def parts_of(self, variant_id: int) -> Parts:
        return self.parts.get(variant_id) or {variant_id: 1}

    def left(self, variant_id: int) -> int:
        """As many as the scarcest part gives."""
        parts = self.parts_of(variant_id)
        return min(max(0, self.pieces.get(part, 0)) // each for part, each in parts.items())

    def contents(self, variant_id: int) -> tuple[tuple[int, str], ...]:
        """Pieces and names of what is in a bundle; empty for everything else."""
        parts = self.parts.get(variant_id, {})
        return tuple((each, self.names[part]) for part, each in parts.items())

    def with_more(self, more: Mapping[int, int]) -> "Shelf":
        pieces = {one: left + more.get(one, 0) for one, left in self.pieces.items()}
        return replace(self, pieces=pieces)


async def shelf_of(session: AsyncSession, variants: Iterable[Variant]) -> Shelf:
    """Asks the database only where there is a bundle among them. A part that is no longer offered
    cannot be had, and neither can what it is in."""
    chosen = list(variants)
    pieces = {one.key: one.available for one in chosen if not one.is_bundle}
    rows = await part_rows(session, [one.key for one in chosen if one.is_bundle])
    parts: dict[int, dict[int, int]] = {}
    for row, part, _ in rows:
        pieces[part.key] = part.available if part.retired_at is None else 0
        parts.setdefault(row.bundle_id, {})[part.key] = row.pieces
    names = {part.key: full_name(product, part) for _, part, product in rows}
    return Shelf(pieces, parts, names)


async def part_rows(
    session: AsyncSession, bundle_ids: Sequence[int]
) -> list[tuple[VariantPart, Variant, Product]]:
    """In the order in which the parts were put in."""
    if not bundle_ids:
        return []
    query = (
        select(VariantPart, Variant, Product)
        .join(Variant, col(Variant.id) == col(VariantPart.part_id))
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(col(VariantPart.bundle_id).in_(bundle_ids))
        .order_by(col(VariantPart.id))
        .execution_options(populate_existing=True)
    )
    return list((await session.exec(query)).all())


async def parts_of(session: AsyncSession, variant_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """By bundle, for those that are one."""
    found: dict[int, dict[int, int]] = {}
    for row, part, _ in await part_rows(session, variant_ids):
        found.setdefault(row.bundle_id, {})[part.key] = row.pieces
    return found


def is_part(variant_id: Any) -> ColumnElement[bool]:
    """To be asked along with something else: few variants are in a bundle."""
    return exists().where(col(VariantPart.part_id) == variant_id)


async def bundles_with(
    session: AsyncSession, part_ids: Iterable[int]
) -> list[tuple[Variant, int, int]]:
    """What these are parts of: the bundle, which of them, how many pieces of it."""
    wanted = list(part_ids)
    if not wanted:
        return []
    query = (
        select(Variant, VariantPart.part_id, VariantPart.pieces)
        .join(VariantPart, col(VariantPart.bundle_id) == col(Variant.id))
        .where(col(VariantPart.part_id).in_(wanted))
        .order_by(col(VariantPart.id))
    )
    return list((await session.exec(query)).all())


async def possible_parts(session: AsyncSession, shop_id: int) -> list[tuple[int, str]]:
    """Everything that lies on the shelf itself, by name: what a bundle can be made of."""
    query = (
        select(Variant, Product)
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(
            col(Variant.shop_id) == shop_id,
            col(Variant.retired_at).is_(None),
            col(Variant.is_bundle).is_(False),
        )
        .order_by(col(Product.name), col(Variant.position), col(Variant.id))
        .limit(2000)
    )
    rows = (await session.exec(query)).all()
    return [(variant.key, full_name(product, variant)) for variant, product in rows]
