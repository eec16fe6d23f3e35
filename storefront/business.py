"""Businesses among the buyers: their VAT IDs, and when a sale to one may bear no VAT of ours."""

from stdnum.eu import vat
from stdnum.exceptions import ValidationError


def read_vat_id(text: str) -> str:
    """Without spaces, in capitals. Raises ValueError where the country has no such numbers or its
    check digit is wrong; whether it was really given to somebody only VIES knows."""
    if not text.strip():
        return ""
    try:
        return str(vat.validate(text))
    except ValidationError:
        raise ValueError("not a VAT ID of an EU country") from None


def may_be_reverse_charge(vat_id: str, *, goes_to: str, seller_country: str) -> bool:
    """Goods for a business in another EU country may be an intra-Community supply (§4 Nr. 1b,
    §6a UStG). It needs proofs a shop cannot see, so a person decides."""
    country = vat_id[:2].replace("EL", "GR")
    return bool(vat_id) and country != seller_country and goes_to not in ("", seller_country)
