"""Signed texts and sealed secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from core.signing import LinkNoLongerValid, Signer
from core.vault import SealBroken, Vault

KEY = SecretStr("k" * 40)
OTHER = SecretStr("o" * 40)


def test_a_signed_value_opens_for_its_purpose_only() -> None:
    signer = Signer(KEY)
    text = signer.sign({"basket": 7}, purpose="visit")
    assert signer.open(text, purpose="visit", max_age=60) == {"basket": 7}
    with pytest.raises(LinkNoLongerValid):
        signer.open(text, purpose="sign-in", max_age=60)
    with pytest.raises(LinkNoLongerValid):
        Signer(OTHER).open(text, purpose="visit", max_age=60)


def test_a_signed_value_runs_out() -> None:
    signer = Signer(KEY)
    with pytest.raises(LinkNoLongerValid):
        signer.open(signer.sign(1, purpose="visit"), purpose="visit", max_age=-1)


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_other_text_is_refused_in_plain_words(text: str) -> None:
    with pytest.raises(LinkNoLongerValid) as caught:
        Signer(KEY).open(text, purpose="visit", max_age=60)
    assert caught.value.status == 403


def test_a_changed_letter_is_noticed() -> None:
    signer = Signer(KEY)
    text = signer.sign("member:1", purpose="session")
    for place in range(len(text)):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        try:
            assert signer.open(changed, purpose="session", max_age=60) == "member:1"
        except LinkNoLongerValid:
            continue
        # The last letter of base64 holds spare bits; the value is the same nevertheless.
        assert place == len(text) - 1


def test_a_sealed_secret_opens_with_the_same_key_only() -> None:
    sealed = Vault(KEY).seal(SecretStr("EAAtoken"))
    assert "EAAtoken" not in sealed
    assert Vault(KEY).open(sealed).get_secret_value() == "EAAtoken"
    for text in (sealed[:-3], "", "nonsense"):
        with pytest.raises(SealBroken):
            Vault(KEY).open(text)
    with pytest.raises(SealBroken, match="SECRET_KEY"):
        Vault(OTHER).open(sealed)


def test_sealing_twice_gives_nothing_to_compare() -> None:
    vault = Vault(KEY)
    assert vault.seal(SecretStr("same")) != vault.seal(SecretStr("same"))
