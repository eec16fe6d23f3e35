"""What can be done to an order, as typed values: one action is one thing somebody asks for."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

LARGEST_ID = 2**31 - 1
_Id = Annotated[int, Field(gt=0, le=LARGEST_ID)]
_Pieces = Annotated[int, Field(ge=1, le=10_000)]
_Amount = Annotated[int, Field(ge=1, le=2_000_000_000)]


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SetQuantity(_Action):
    """So many pieces are to be kept, of which those with the customer already are a part."""

    do: Literal["set_quantity"] = "set_quantity"
    line_id: _Id
    quantity: int = Field(ge=0, le=10_000)


class Swap(_Action):
    """Pieces that were not sent yet become another variant."""

    do: Literal["swap"] = "swap"
    line_id: _Id
    quantity: _Pieces
    variant_id: _Id


class Add(_Action):
    """Something more. What stands in the order already is taken at its price there."""

    do: Literal["add"] = "add"
    variant_id: _Id
    quantity: _Pieces


class TakeBack(_Action):
    """Pieces come back from the customer. `keep_minor` of their price stays with the shop, for
    what they have lost in value (§357a BGB)."""

    do: Literal["take_back"] = "take_back"
    line_id: _Id
    quantity: _Pieces
    restock: bool = True
    keep_minor: int = Field(default=0, ge=0, le=2_000_000_000)


class SetPrice(_Action):
    """Leaves the rule that prices stay as they were agreed: one piece costs this."""

    do: Literal["set_price"] = "set_price"
    line_id: _Id
    unit_minor: int = Field(ge=0, le=2_000_000_000)


class GiveBackShipping(_Action):
    do: Literal["give_back_shipping"] = "give_back_shipping"
    amount_minor: _Amount


class Goodwill(_Action):
    """The shop lets go of so much, without a reason in goods."""

    do: Literal["goodwill"] = "goodwill"
    amount_minor: _Amount


Action = Annotated[
    SetQuantity | Swap | Add | TakeBack | SetPrice | GiveBackShipping | Goodwill,
    Field(discriminator="do"),
]

ACTIONS: TypeAdapter[list[Action]] = TypeAdapter(list[Action])
