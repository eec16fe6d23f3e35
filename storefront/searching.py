"""Finding products by what people type: endings, compounds and slips of the pen forgiven."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.models import Product, ProductWord, Variant
from storefront.words import allowed_slips, slips, stem, wanted, words

_NAME, _SKU, _VARIANT, _DESCRIPTION = 8, 8, 4, 2

# How well a word fits: the same, the same but for its ending, begins so, holds it, nearly.
_SAME, _STEM, _BEGINS, _HOLDS, _NEARLY = 10, 9, 7, 4, 3

Found = dict[int, int]


async def index_product(
    session: AsyncSession, product: Product, variants: Iterable[Variant]
) -> None:
    """Rewrite the words a product is found by."""
    weights: dict[str, int] = {}
    texts = [(product.description, _DESCRIPTION)]
    texts += [(variant.name, _VARIANT) for variant in variants if variant.retired_at is None]
    texts += [(variant.sku, _SKU) for variant in variants if variant.retired_at is None]
    for text, weight in [*texts, (product.name, _NAME)]:
        for word in words(text):
            weights[word] = max(weight, weights.get(word, 0))
    await session.exec(delete(ProductWord).where(col(ProductWord.product_id) == product.key))
    session.add_all(
        ProductWord(
            shop_id=product.shop_id, product_id=product.key, word=word, stem=stem(word),
            weight=weight,
        )
        for word, weight in weights.items()
    )  # fmt: skip
    await session.flush()


async def rank(session: AsyncSession, shop_id: int, text: str) -> list[int]:
    """Ids of the live products that fit best, the best first.

    What fits all the words comes; if nothing does, what fits most of them.
    """
    found = [await _fitting(session, shop_id, word) for word in wanted(text)]
    scores: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for fits in found:
        for product_id, score in fits.items():
            count, total = scores[product_id]
            scores[product_id] = (count + 1, total + score)
    most = max((count for count, _ in scores.values()), default=0)
    best = [(-total, product_id) for product_id, (count, total) in scores.items() if count == most]
    return [product_id for _, product_id in sorted(best)]


async def _fitting(session: AsyncSession, shop_id: int, word: str) -> Found:
    root = stem(word)
    ways = [col(ProductWord.stem) == root, col(ProductWord.word).startswith(root)]
    if len(root) >= 4:
        # German writes compounds in one word: "strauss" is found in "rosenstrauss".
        ways.append(col(ProductWord.word).contains(root))
    rows = await _rows(session, shop_id, or_(*ways))
    found = _best((row, _quality(row, word, root)) for row in rows)
    return found or await _guess(session, shop_id, word, root)


def _quality(row: ProductWord, word: str, root: str) -> int:
    if row.word == word:
        return _SAME
    if row.stem == root:
        return _STEM
    return _BEGINS if row.word.startswith(root) else _HOLDS


async def _guess(session: AsyncSession, shop_id: int, word: str, root: str) -> Found:
    """Nothing fits as it was typed: look for slips, else for what the typed compound holds."""
    vocabulary = select(ProductWord.word, ProductWord.stem).join(Product).distinct()
    live = vocabulary.where(col(ProductWord.shop_id) == shop_id, col(Product.state) == "live")
    known = (await session.exec(live)).all()
    near = {one for one, short in known if _is_near(word, root, one, short)}
    stems = {short for _, short in known if len(short) >= 4 and short in word}
    longest = {one for one in stems if not any(one != other and one in other for other in stems)}
    if near:
        fits = col(ProductWord.word).in_(near)
    elif longest:
        fits = col(ProductWord.stem).in_(longest)
    else:
        return {}
    return _best((row, _NEARLY) for row in await _rows(session, shop_id, fits))


def _is_near(word: str, root: str, known: str, short: str) -> bool:
    most = allowed_slips(word)
    return most > 0 and (
        slips(word, known, most=most) <= most
        or (len(root) >= 4 and slips(root, short, most=1) <= 1)
        or (len(word) >= 5 and slips(word, known[: len(word)], most=1) <= 1)
    )


async def _rows(
    session: AsyncSession, shop_id: int, fits: ColumnElement[bool]
) -> list[ProductWord]:
    query = select(ProductWord).join(Product).where(
        col(ProductWord.shop_id) == shop_id, col(Product.state) == "live", fits
    )  # fmt: skip
    return list((await session.exec(query)).all())


def _best(rated: Iterable[tuple[ProductWord, int]]) -> Found:
    found: Found = {}
    for row, quality in rated:
        found[row.product_id] = max(row.weight * quality, found.get(row.product_id, 0))
    return found
