"""What every chat event means."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from meta.deliveries import split
from meta.happenings import (
    AccountLinked,
    Attachment,
    AttachmentMessage,
    CartLine,
    CartSent,
    CouponRevealed,
    Echo,
    FormAnswered,
    MessageEdited,
    MessagesDelivered,
    MessagesRead,
    MessageUnsent,
    OptedIn,
    PolicyEnforced,
    PostbackTap,
    QuickReplyTap,
    Reacted,
    Ref,
    Referral,
    StandbyMessage,
    TextMessage,
    ThreadPassed,
    Unsupported,
)
from meta.incoming import read
from tests.meta.payloads import (
    APP,
    CHATS,
    HAPPENED_MS,
    IG_MID,
    IGSID,
    INSTAGRAM,
    MID,
    PAGE,
    POST,
    PSID,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
THEN = datetime.fromtimestamp(HAPPENED_MS / 1000, UTC)
HERE: dict[str, Any] = {"platform": "messenger", "account_id": PAGE, "person_id": PSID, "at": THEN}
THERE: dict[str, Any] = {
    "platform": "instagram", "account_id": INSTAGRAM, "person_id": IGSID, "at": THEN,
}  # fmt: skip
AD = Ref(ref="ad-7", source="ADS", ad_id="6045", product_id="88")
SAID = {**HERE, "message_id": MID}
DIRECT = {**THERE, "message_id": IG_MID}


def text(words: str, **more: Any) -> TextMessage:
    return TextMessage(**{**SAID, **more.pop("around", {})}, text=words, **more)


def attached(kind: str, *, words: str = "", **about: Any) -> AttachmentMessage:
    return AttachmentMessage(**SAID, attachments=(Attachment(kind, **about),), text=words)


def on_instagram(kind: str, url: str | None = None) -> AttachmentMessage:
    return AttachmentMessage(**DIRECT, attachments=(Attachment(kind, url),))


MEANS: dict[str, Any] = {
    "text": text("Habt ihr Rosen? ä \U0001f339"),
    "text_old": text("hello", around={"message_id": "mid.1458696618141:b4ef9d19"}),
    "text_reply": text("die da", reply_to="m_before"),
    "text_self_reply": text("ich", reply_to="m_before"),
    "text_prior": text("hi"),
    "text_nlp": text("morgen"),
    "text_command": text("/menu"),
    "text_user_ref": text("hi", around={"person_id": "ref-1"}),
    "text_about_product": text("noch da?", came_by=Ref(product_id="88")),
    "text_from_ad": text("hi", came_by=AD),
    "text_from_ad_in_the_eu": text("hi", came_by=Ref(ad_id="6045")),
    "quick_reply": QuickReplyTap(**SAID, payload="1:choose:5:", text="Rot"),
    "image": attached("image", url="https://cdn.example/i.jpg"),
    "image_with_text": attached("image", url="https://cdn.example/i", words="so eine"),
    "audio": attached("audio", url="https://cdn.example/a.mp4"),
    "video": attached("video", url="https://cdn.example/v.mp4"),
    "file": attached("file", url="https://cdn.example/f.pdf"),
    "sticker_2026": attached("sticker", url="https://cdn.example/s"),
    "sticker_old": attached("sticker", url="https://cdn.example/s"),
    "sticker_twice": attached("sticker", url="https://cdn.example/s"),
    "reel": attached("reel", url="https://fb.example/r", title="R"),
    "ig_reel": attached("ig_reel", url="https://ig.example/r"),
    "shared_post": attached("post", url="https://fb.example/p"),
    "ig_post": attached("ig_post", url="https://ig.example/p"),
    "appointment": attached("appointment_booking", title="Termin"),
    "location": attached("location", title="Annas Ort", latitude=52.5, longitude=13.4),
    "shared_product": attached("template", url="https://cdn.example/p.jpg", title="Rosen"),
    "fallback": attached("fallback", url="https://example.org/", title="Link"),
    "fallback_old": attached("fallback", url="https://example.org/", title="Alt"),
    "attachment_of_tomorrow": attached("hologram"),
    "unsent": MessageUnsent(**SAID),
    "withheld": attached("unsupported"),
    "message_of_tomorrow": attached("unsupported"),
    "echo": Echo(**SAID, text="Ja!", app_id=str(APP), metadata="out-7"),
    "echo_of_another": Echo(
        **SAID, app_id="263902037430900", attachments=(Attachment("image", "https://cdn.example/i"),)
    ),
    "echo_of_a_template": Echo(
        **SAID, app_id=str(APP), attachments=(Attachment("template", title="Wählen Sie"),)
    ),
    "edited": MessageEdited(**SAID, text="Habt ihr Tulpen?", number=2),
    "edited_number_as_text": MessageEdited(**SAID, text="x", number=1),
    "postback": PostbackTap(**SAID, payload="1:browse:0:", title="Stöbern"),
    "postback_old": PostbackTap(**HERE, payload="USER_DEFINED_PAYLOAD", title=""),
    "get_started_by_link": PostbackTap(
        **SAID, payload="1:start:0:", title="Get Started",
        came_by=Ref(ref="order-abc", source="SHORTLINK"),
    ),
    "referral": Referral(**HERE, came_by=Ref(ref="deal-3", source="SHORTLINK")),
    "referral_from_ad": Referral(
        **HERE, came_by=Ref(source="ADS", ad_id="6045", product_id="88")
    ),
    "optin": OptedIn(**HERE, kind="plugin", ref="PASS_THROUGH"),
    "optin_user_ref": OptedIn(**{**HERE, "person_id": ""}, kind="plugin", ref="PASS"),
    "optin_topic": OptedIn(
        **HERE, kind="notification_messages", payload="deals", title="Angebote", token="tok"
    ),
    "optin_stopped": OptedIn(
        **HERE, kind="notification_messages", token="tok", status="STOP_NOTIFICATIONS"
    ),
    "delivery": MessagesDelivered(**HERE, until=THEN, message_ids=(MID,)),
    "delivery_without_mids": MessagesDelivered(**HERE, until=THEN),
    "read": MessagesRead(**HERE, until=THEN),
    "reaction": Reacted(**SAID, reaction="love", emoji="\u2764\ufe0f"),
    "reaction_taken_back": Reacted(**SAID, reaction=None),
    "thread_passed": ThreadPassed(**HERE, how="passed", new_app_id="123", metadata="m"),
    "thread_taken": ThreadPassed(**HERE, how="taken", former_app_id="123", metadata="m"),
    "thread_requested": ThreadPassed(**HERE, how="requested", new_app_id="123"),
    "app_roles": ThreadPassed(**{**HERE, "person_id": ""}, how="roles"),
    "policy": PolicyEnforced(
        **{**HERE, "person_id": ""}, action="block", reason="Too many messages."
    ),
    "policy_old": PolicyEnforced(
        **{**HERE, "person_id": ""}, action="unblock", reason="Appealed."
    ),
    "cart": CartSent(
        **HERE, lines=(CartLine("Rosen", "sku-1", 2, "12.9", "EUR"),), note="bitte bald"
    ),
    "coupon": CouponRevealed(**HERE, code="MAI10", payload="deal:3"),
    "feedback": FormAnswered(
        **HERE, form="feedback", answers=(("q1", "4"), ("q1:more", "gern wieder"))
    ),
    "information": FormAnswered(
        **HERE, form="information", answers=(("name", "Anna Weber"), ("country", "DE"))
    ),
    "linked": AccountLinked(**HERE, is_linked=True, code="c"),
    "unlinked": AccountLinked(**HERE, is_linked=False),
    "payment_of_old": Unsupported("unknown event"),
    "checkout_update_of_old": Unsupported("unknown event"),
    "lead_ad": text("ja"),
    "standby_text": StandbyMessage(**SAID, inner=text("hallo?")),
    "standby_postback": StandbyMessage(
        **HERE, inner=PostbackTap(**HERE, payload=None, title="Stöbern")
    ),
    "standby_echo": StandbyMessage(**SAID, inner=Echo(**SAID, text="Ja", app_id="26390203743090")),
    "standby_read": Unsupported("standby: another app has this conversation"),
    "ig_text": TextMessage(**DIRECT, text="Hallo"),
    "ig_story_reply": TextMessage(**DIRECT, text="toll", story_url="https://ig.example/s"),
    "ig_share": on_instagram("share", "https://ig.example"),
    "ig_story_mention": on_instagram("story_mention", "https://ig.example/s"),
    "ig_ephemeral": on_instagram("ephemeral"),
    "ig_unsupported": on_instagram("unsupported_type", "https://ig.example/u"),
    "ig_unsent": MessageUnsent(**DIRECT),
    "ig_echo": Echo(**DIRECT, text="Gern"),
    "ig_self": Unsupported("the account wrote to itself"),
    "ig_seen": MessagesRead(**DIRECT, until=None),
    "ig_reaction": Reacted(**DIRECT, reaction="love", emoji="\u2764"),
    "ig_postback": PostbackTap(**DIRECT, payload="1:menu:0:", title="Öffnungszeiten?"),
    "ig_referral": Referral(**THERE, came_by=Ref(ref="bio", source="IGME")),
    "ig_ad": TextMessage(
        **DIRECT, text="hi", came_by=Ref(ref="ad", source="ADS", ad_id="5")
    ),
    "ig_quick_reply": QuickReplyTap(**DIRECT, payload="1:choose:5:", text="Rot"),
    "ig_login_text": TextMessage(**DIRECT, text="flach"),
}  # fmt: skip


def test_every_shape_has_its_meaning_here() -> None:
    assert set(MEANS) == set(CHATS)


@pytest.mark.parametrize("name", sorted(CHATS))
def test_it_means(name: str) -> None:
    [event] = split(json.dumps(CHATS[name]).encode(), now=NOW)
    assert read(event.kind, json.loads(event.body)) == MEANS[name]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"message": {"mid": "m", "text": "x"}}, "message without a sender"),
        ({"postback": {"payload": "x"}}, "postback without a sender"),
        ({"message_edit": {"text": "x"}}, "edit without a message"),
        ({"reaction": {"action": "react"}}, "reaction to nothing"),
        ({"read": {}}, "read mark without a place"),
        ({"delivery": {}}, "delivery of nothing"),
        ({"referral": {}}, "empty referral"),
        ({"template": {"type": "poem"}}, "unknown template event"),
        ({}, "unknown event"),
    ],
)
def test_what_lacks_its_core_is_unsupported(event: dict[str, Any], reason: str) -> None:
    body = {"account": PAGE, "time": HAPPENED_MS, "event": event}
    assert read("messenger.messaging", body) == Unsupported(reason)


@pytest.mark.parametrize("kind", ["", ".", "other", "unreadable", "telegram.messaging", "a.b.c"])
def test_an_unknown_kind_is_unsupported(kind: str) -> None:
    assert isinstance(read(kind, {"account": PAGE, "post": POST}), Unsupported)
