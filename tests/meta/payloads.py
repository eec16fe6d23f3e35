"""Webhook bodies in every shape Meta sends them, old and new, by name.

Shapes from the Messenger Platform, Pages and Instagram webhook docs; ids and words are made up.
"""

from typing import Any

PAGE, PSID, APP = "100100100100", "7000000000000001", 1900000000000001
INSTAGRAM, IGSID = "17841400000000001", "9000000000000002"
POST, COMMENT = f"{PAGE}_555", "555_666"
SENT_MS, HAPPENED_MS = 1_763_805_600_500, 1_763_805_600_123
SENT_S, HAPPENED_S = 1_763_805_600, 1_763_805_590
MID, IG_MID = "m_AbCdEf-1", "aWdfZAG1faXRlbQ"

Body = dict[str, Any]


def page(*events: Body, section: str = "messaging") -> Body:
    return {"object": "page", "entry": [{"id": PAGE, "time": SENT_MS, section: [*events]}]}


def instagram(*events: Body, section: str = "messaging") -> Body:
    return {
        "object": "instagram",
        "entry": [{"id": INSTAGRAM, "time": SENT_MS, section: [*events]}],
    }


def said(content: Body, **more: Any) -> Body:
    """Something a Messenger user did."""
    return {
        "sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": HAPPENED_MS,
        **content, **more,
    }  # fmt: skip


def direct(content: Body, **more: Any) -> Body:
    """Something an Instagram user did."""
    return {
        "sender": {"id": IGSID}, "recipient": {"id": INSTAGRAM}, "timestamp": HAPPENED_MS,
        **content, **more,
    }  # fmt: skip


def message(**content: Any) -> Body:
    return said({"message": {"mid": MID, **content}})


def attachment(kind: str, payload: Any, **more: Any) -> Body:
    return message(attachments=[{"type": kind, "payload": payload, **more}])


def feed(field: str = "feed", **value: Any) -> Body:
    change = {"field": field, "value": value}
    return {"object": "page", "entry": [{"id": PAGE, "time": SENT_S, "changes": [change]}]}


def on_instagram(field: str, **value: Any) -> Body:
    change = {"field": field, "value": value}
    return {
        "object": "instagram",
        "entry": [{"id": INSTAGRAM, "time": SENT_S, "changes": [change]}],
    }


def comment(verb: str = "add", **more: Any) -> Body:
    return feed(**{
        "item": "comment", "verb": verb, "comment_id": COMMENT, "post_id": POST,
        "parent_id": POST, "created_time": HAPPENED_S,
        "from": {"id": PSID, "name": "Anna Weber"}, "message": "Gibt es die auch in Rot?", **more,
    })  # fmt: skip


def post(item: str, verb: str, **more: Any) -> Body:
    return feed(**{"item": item, "verb": verb, "post_id": POST, **more})


OWN = {"id": PAGE, "name": "Blumen am Markt"}
FAN = {"id": PSID, "name": "Anna Weber"}
PRODUCT = {"id": "1", "retailer_id": "sku-1", "image_url": "https://cdn.example/p.jpg",
           "title": "Rosen", "subtitle": "12,90 €"}  # fmt: skip
ADS = {"ad_title": "Rosen", "photo_url": "https://cdn.example/a.jpg", "post_id": POST,
       "product_id": "88"}  # fmt: skip

CHATS: dict[str, Body] = {
    "text": message(text="Habt ihr Rosen? ä \U0001f339"),
    "text_old": {"object": "page", "entry": [{"id": int(PAGE), "time": SENT_MS, "messaging": [{
        "sender": {"id": int(PSID)}, "recipient": {"id": int(PAGE)}, "timestamp": HAPPENED_MS,
        "message": {"mid": "mid.1458696618141:b4ef9d19", "seq": 51, "text": "hello"}}]}]},
    "text_reply": message(text="die da", reply_to={"mid": "m_before"}),
    "text_self_reply": message(text="ich", reply_to={"mid": "m_before", "is_self_reply": True}),
    "text_prior": said(
        {"message": {"mid": MID, "text": "hi"}},
        prior_message={"source": "checkbox_plugin", "identifier": "x"},
    ),
    "text_nlp": message(text="morgen", nlp={"entities": {"datetime": [{"value": "2026"}]}}),
    "text_command": message(text="/menu", commands=[{"name": "menu"}]),
    "text_user_ref": page({
        "sender": {"user_ref": "ref-1"}, "recipient": {"id": PAGE}, "timestamp": HAPPENED_MS,
        "message": {"mid": MID, "text": "hi"}}),
    "text_about_product": message(text="noch da?", referral={"product": {"id": "88"}}),
    "text_from_ad": message(text="hi", referral={
        "ref": "ad-7", "ad_id": "6045", "source": "ADS", "type": "OPEN_THREAD",
        "ads_context_data": ADS}),
    "text_from_ad_in_the_eu": message(text="hi", referral={"ad_id": "6045", "type": "OPEN_THREAD"}),
    "quick_reply": message(text="Rot", quick_reply={"payload": "1:choose:5:"}),
    "image": attachment("image", {"url": "https://cdn.example/i.jpg"}),
    "image_with_text": message(
        text="so eine", attachments=[{"type": "image", "payload": {"url": "https://cdn.example/i"}}]
    ),
    "audio": attachment("audio", {"url": "https://cdn.example/a.mp4"}),
    "video": attachment("video", {"url": "https://cdn.example/v.mp4"}),
    "file": attachment("file", {"url": "https://cdn.example/f.pdf"}),
    "sticker_2026": attachment("sticker", {"url": "https://cdn.example/s", "sticker_id": 369239}),
    "sticker_old": attachment("image", {"url": "https://cdn.example/s", "sticker_id": 369239},
                              sticker_id="369239"),
    "sticker_twice": message(attachments=[
        {"type": "sticker", "payload": {"sticker_id": 369239}},
        {"type": "image", "payload": {"url": "https://cdn.example/s"}}]),
    "reel": attachment("reel", {"url": "https://fb.example/r", "title": "R", "reel_video_id": 5}),
    "ig_reel": attachment("ig_reel", {"url": "https://ig.example/r", "reel_video_id": "5"}),
    "shared_post": attachment("post", {"url": "https://fb.example/p", "id": "9"}),
    "ig_post": attachment("ig_post", {"url": "https://ig.example/p"}),
    "appointment": attachment("appointment_booking", {"title": "Termin"}),
    "location": attachment(
        "location", {"coordinates": {"lat": 52.5, "long": 13.4}}, title="Annas Ort"
    ),
    "shared_product": attachment("template", {"product": {"elements": [PRODUCT]}}),
    "fallback": attachment("fallback", None, title="Link", url="https://example.org/"),
    "fallback_old": attachment("fallback", "BLOB", title="Alt", url="https://example.org/"),
    "attachment_of_tomorrow": attachment("hologram", {"depth": 3}),
    "unsent": message(is_deleted=True),
    "withheld": message(is_unsupported=True),
    "message_of_tomorrow": message(poem={"lines": 4}),
    "echo": page({
        "sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": HAPPENED_MS,
        "message": {"mid": MID, "is_echo": True, "app_id": APP, "metadata": "out-7", "text": "Ja!"},
    }),
    "echo_of_another": page({
        "sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": HAPPENED_MS,
        "message": {"mid": MID, "is_echo": True, "app_id": "263902037430900", "attachments": [
            {"type": "image", "payload": {"url": "https://cdn.example/i", "attachment_id": 4}}]},
    }),
    "echo_of_a_template": page({
        "sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": HAPPENED_MS,
        "message": {"mid": MID, "is_echo": True, "app_id": APP, "attachments": [
            {"type": "template", "title": "Wählen Sie", "payload": {"template_type": "button"}}]},
    }),
    "edited": said({"message_edit": {"mid": MID, "text": "Habt ihr Tulpen?", "num_edit": 2}}),
    "edited_number_as_text": said({"message_edit": {"mid": MID, "text": "x", "num_edit": "1"}}),
    "postback": said({"postback": {"mid": MID, "title": "Stöbern", "payload": "1:browse:0:"}}),
    "postback_old": said({"postback": {"payload": "USER_DEFINED_PAYLOAD"}}),
    "get_started_by_link": said({"postback": {
        "mid": MID, "title": "Get Started", "payload": "1:start:0:",
        "referral": {"ref": "order-abc", "source": "SHORTLINK", "type": "OPEN_THREAD"}}}),
    "referral": said({"referral": {
        "ref": "deal-3", "source": "SHORTLINK", "type": "OPEN_THREAD",
        "referer_uri": "https://example.org"}}),
    "referral_from_ad": said({"referral": {
        "ad_id": "6045", "source": "ADS", "type": "OPEN_THREAD", "ads_context_data": ADS}}),
    "optin": said({"optin": {"ref": "PASS_THROUGH"}}),
    "optin_user_ref": page({
        "recipient": {"id": PAGE}, "timestamp": HAPPENED_MS,
        "optin": {"ref": "PASS", "user_ref": "ref-1"}}),
    "optin_topic": said({"optin": {
        "type": "notification_messages", "payload": "deals", "title": "Angebote",
        "notification_messages_token": "tok", "token_expiry_timestamp": HAPPENED_MS,
        "user_token_status": "NOT_REFRESHED", "notification_messages_timezone": "UTC"}}),
    "optin_stopped": said({"optin": {
        "type": "notification_messages", "notification_messages_token": "tok",
        "notification_messages_status": "STOP_NOTIFICATIONS"}}),
    "delivery": said({"delivery": {"mids": [MID], "watermark": HAPPENED_MS, "seq": 37}}),
    "delivery_without_mids": said({"delivery": {"watermark": HAPPENED_MS}}),
    "read": said({"read": {"watermark": HAPPENED_MS, "seq": 38}}),
    "reaction": said({"reaction": {
        "reaction": "love", "emoji": "\u2764\ufe0f", "action": "react", "mid": MID}}),
    "reaction_taken_back": said({"reaction": {"action": "unreact", "mid": MID}}),
    "thread_passed": said({"pass_thread_control": {
        "previous_owner_app_id": None, "new_owner_app_id": "123", "metadata": "m"}}),
    "thread_taken": said({"take_thread_control": {"previous_owner_app_id": 123, "metadata": "m"}}),
    "thread_requested": said({"request_thread_control": {"requested_owner_app_id": 123}}),
    "app_roles": page({
        "recipient": {"id": PAGE}, "timestamp": HAPPENED_MS,
        "app_roles": {"123": ["primary_receiver"]}}),
    "policy": page({
        "recipient": {"id": PAGE}, "timestamp": HAPPENED_MS,
        "policy_enforcement": {"action": "block", "reason": "Too many messages."}}),
    "policy_old": page({
        "recipient": {"id": PAGE}, "timestamp": HAPPENED_MS,
        "policy-enforcement": {"action": "unblock", "reason": "Appealed."}}),
    "cart": said({"order": {"note": "bitte bald", "products": [{
        "id": 1, "retailer_id": "sku-1", "name": "Rosen", "unit_price": 12.9, "currency": "EUR",
        "quantity": 2}]}}),
    "coupon": said({"template": {"type": "coupon", "payload": "deal:3", "coupon_code": "MAI10"}}),
    "feedback": said({"messaging_feedback": {"feedback_screens": [{
        "screen_id": 0, "questions": {"q1": {
            "type": "CSAT", "payload": "4",
            "follow_up": {"type": "free_form", "payload": "gern wieder"}}}}]}}),
    "information": said({"messaging_customer_information": {"screens": [{
        "screen_id": "customer_info", "responses": [
            {"key": "name", "value": "Anna Weber"}, {"key": "country", "value": "DE"}]}]}}),
    "linked": said({"account_linking": {"status": "linked", "authorization_code": "c"}}),
    "unlinked": said({"account_linking": {"status": "unlinked"}}),
    "payment_of_old": said({"payment": {"payload": "x", "amount": {"currency": "USD"}}}),
    "checkout_update_of_old": said({"checkout_update": {"payload": "x"}}),
    "lead_ad": said({"message": {"mid": MID, "text": "ja"}},
                    hop_context=[{"app_id": 1, "metadata": "lead"}]),
    "standby_text": page(said({"message": {"mid": MID, "text": "hallo?"}}), section="standby"),
    "standby_postback": page(said({"postback": {"title": "Stöbern"}}), section="standby"),
    "standby_echo": page({
        "sender": {"id": PAGE}, "recipient": {"id": PSID}, "timestamp": HAPPENED_MS,
        "message": {"mid": MID, "is_echo": True, "app_id": 26390203743090, "text": "Ja"}},
        section="standby"),
    "standby_read": page(said({"read": {"watermark": HAPPENED_MS}}), section="standby"),
    "ig_text": instagram(direct({"message": {"mid": IG_MID, "text": "Hallo"}})),
    "ig_story_reply": instagram(direct({"message": {
        "mid": IG_MID, "text": "toll", "reply_to": {"story": {"url": "https://ig.example/s",
                                                             "id": "5"}}}})),
    "ig_share": instagram(direct({"message": {
        "mid": IG_MID, "attachments": [{"type": "share", "payload": {"url": "https://ig.example"}}]
    }})),
    "ig_story_mention": instagram(direct({"message": {"mid": IG_MID, "attachments": [
        {"type": "story_mention", "payload": {"url": "https://ig.example/s"}}]}})),
    "ig_ephemeral": instagram(direct({"message": {
        "mid": IG_MID, "attachments": [{"type": "ephemeral"}]}})),
    "ig_unsupported": instagram(direct({"message": {"mid": IG_MID, "attachments": [
        {"type": "unsupported_type", "payload": {"url": "https://ig.example/u"}}]}})),
    "ig_unsent": instagram(direct({"message": {"mid": IG_MID, "is_deleted": True}})),
    "ig_echo": instagram({
        "sender": {"id": INSTAGRAM}, "recipient": {"id": IGSID}, "timestamp": HAPPENED_MS,
        "message": {"mid": IG_MID, "is_echo": True, "text": "Gern"}}),
    "ig_self": instagram({
        "sender": {"id": INSTAGRAM}, "recipient": {"id": INSTAGRAM}, "timestamp": HAPPENED_MS,
        "message": {"mid": IG_MID, "is_self": True, "is_echo": True, "text": "Notiz"}}),
    "ig_seen": instagram(direct({"read": {"mid": IG_MID}})),
    "ig_reaction": instagram(direct({"reaction": {
        "mid": IG_MID, "action": "react", "reaction": "love", "emoji": "\u2764"}})),
    "ig_postback": instagram(direct({"postback": {
        "mid": IG_MID, "title": "Öffnungszeiten?", "payload": "1:menu:0:"}})),
    "ig_referral": instagram(direct({"referral": {
        "ref": "bio", "source": "IGME", "type": "OPEN_THREAD"}})),
    "ig_ad": instagram(direct({"message": {"mid": IG_MID, "text": "hi", "referral": {
        "ref": "ad", "ad_id": "5", "source": "ADS", "type": "OPEN_THREAD"}}})),
    "ig_quick_reply": instagram(direct({"message": {
        "mid": IG_MID, "text": "Rot", "quick_reply": {"payload": "1:choose:5:"}}})),
    "ig_login_text": {"object": "instagram", "entry": [{
        "id": INSTAGRAM, "time": SENT_MS, "field": "messages",
        "value": direct({"message": {"mid": IG_MID, "text": "flach"}})}]},
}  # fmt: skip
CHATS |= {name: page(body) for name, body in CHATS.items() if "object" not in body}

WALLS: dict[str, Body] = {
    "comment": comment(),
    "comment_old": feed(
        item="comment", verb="add", comment_id=COMMENT, post_id=POST, parent_id=POST,
        sender_id=int(PSID), sender_name="Anna Weber", created_time=HAPPENED_S, message="Schön!"),
    "comment_with_post": comment(post={
        "permalink_url": "https://fb.example/p", "status_type": "mobile_status_update",
        "is_published": True, "updated_time": "2026-11-22T10:00:00+0000",
        "promotion_status": "ineligible", "id": POST}),
    "comment_reply": comment(parent_id="555_600"),
    "comment_photo_only": comment(message=None, photo="https://cdn.example/c.jpg"),
    "comment_video": comment(video="https://cdn.example/c.mp4"),
    "comment_without_author": comment(**{"from": None}),
    "comment_author_as_number": comment(**{"from": {"id": int(PSID), "name": "Anna Weber"}}),
    "comment_of_ours": comment(**{"from": OWN}),
    "comment_edited": comment("edited", message="Gibt es die auch in Blau?"),
    "comment_removed": feed(
        item="comment", verb="remove", comment_id=COMMENT, post_id=POST, parent_id=POST,
        **{"from": FAN}),
    "comment_hidden": comment("hide"),
    "comment_shown_again": comment("unhide"),
    "visitor_post": post("post", "add", **{"from": FAN}, sender_id=int(PSID), is_hidden=False,
                         message="Danke für den Strauß!"),
    "visitor_photo": post("photo", "add", **{"from": FAN}, photo_id="9",
                          link="https://cdn.example/v.jpg", message="Seht mal"),
    "visitor_post_edited": post("post", "edit", **{"from": {"id": int(PSID), "name": "A"}},
                                recipient_id=int(PAGE), created_time=HAPPENED_S, message="Doch"),
    "visitor_post_removed": post("post", "remove", recipient_id=int(PAGE), sender_id=int(PAGE),
                                 created_time=HAPPENED_S),
    "visitor_post_hidden": post("post", "hide", **{"from": FAN}, message="x"),
    "visitor_post_shown": post("post", "unhide", **{"from": FAN}, message="x"),
    "status": post("status", "add", **{"from": OWN}, created_time=HAPPENED_S, published=1,
                   message="Pfingstrosen sind da"),
    "status_unpublished": post("status", "add", **{"from": OWN}, published=0, message="bald"),
    "status_photos": post("status", "add", **{"from": OWN}, published=1, message="Neu",
                          photos=["https://cdn.example/1", "https://cdn.example/2"]),
    "status_edited": post("status", "edited", **{"from": OWN}, published=1, message="Neu!"),
    "status_hidden": post("status", "hide", **{"from": OWN}, message="Neu!"),
    "status_shown": post("status", "unhide", **{"from": OWN}, message="Neu!"),
    "photo": post("photo", "add", **{"from": OWN}, photo_id=9, published=1,
                  link="https://cdn.example/own.jpg", message="Bild"),
    "photo_removed": post("photo", "remove", **{"from": OWN}, photo_id="9"),
    "video": post("video", "add", **{"from": OWN}, video_id="9", link="https://v.example",
                  published=1),
    "video_blocked": feed(item="video", verb="block", video_id="9", video_flag_reason=1,
                          link="https://v.example", message="v"),
    "video_muted": feed(item="video", verb="mute", video_id="9"),
    "album": post("album", "add", **{"from": OWN}, album_id=3),
    "event": post("event", "add", **{"from": OWN}, event_id="4", message="Markt"),
    "share": post("share", "add", **{"from": OWN}, share_id=77, link="https://example.org",
                  message="Lesen!"),
    "like": post("like", "add", parent_id=POST, sender_id=int(PSID), created_time=HAPPENED_S),
    "like_of_comment": feed(item="like", verb="add", comment_id=COMMENT, sender_id=int(PSID),
                            created_time=HAPPENED_S),
    "like_of_page": feed(item="like", verb="add", user_id=int(PSID)),
    "like_taken_back": post("like", "remove", parent_id=POST, sender_id=int(PSID)),
    "reaction": post("reaction", "add", parent_id=POST, reaction_type="care", **{"from": FAN},
                     created_time=HAPPENED_S),
    "reaction_changed": post("reaction", "edit", reaction_type="wow", **{"from": FAN}),
    "reaction_to_reply": post("reaction", "add", comment_id=COMMENT, parent_id="555_600",
                              reaction_type="haha", **{"from": FAN}),
    "reaction_taken_back": post("reaction", "remove", reaction_type="like", **{"from": FAN}),
    "rating": feed("ratings", item="rating", verb="add", rating=5, reviewer_id=int(PSID),
                   reviewer_name="Anna", review_text="Super", recommendation_type="POSITIVE",
                   open_graph_story_id=900, comment_id=None, created_time=HAPPENED_S),
    "rating_silent": feed("ratings", item="rating", verb="add", recommendation_type="negative",
                          review_text=None, reviewer_id=int(PSID), open_graph_story_id="900"),
    "rating_removed": feed("ratings", item="rating", verb="remove", open_graph_story_id=900,
                           reviewer_id=int(PSID)),
    "rating_comment": feed("ratings", item="comment", verb="add", comment_id="1_2", post_id="3_1",
                           parent_id="3_1", sender_id=5, sender_name="T",
                           open_graph_story_id="6767", created_time=HAPPENED_S),
    "rating_like": feed("ratings", item="like", verb="add", sender_id=5, open_graph_story_id=1),
    "mention_post": feed("mention", item="post", verb="add", post_id="999_1", message="@Blumen",
                         created_time=HAPPENED_S),
    "mention_comment": feed("mention", item="comment", verb="add", post_id="999_1",
                            comment_id="1_2", message="@Blumen", created_time=HAPPENED_S),
    "ig_comment": on_instagram("comments", id="1789", text="Wow", **{
        "from": {"id": IGSID, "username": "anna.w"},
        "media": {"id": "4455", "media_product_type": "FEED"}}),
    "ig_comment_minimal": on_instagram("comments", id="1789", text="Wow"),
    "ig_comment_reply": on_instagram("comments", id="1790", text="Ja", parent_id="1789", **{
        "from": {"id": IGSID, "username": "anna.w"}, "media": {"id": "4455"}}),
    "ig_comment_of_ours": on_instagram("comments", id="1791", text="Danke", **{
        "from": {"id": INSTAGRAM, "username": "blumen"}, "media": {"id": "4455"}}),
    "ig_comment_on_ad": on_instagram("comments", id="1792", text="?", **{
        "from": {"id": IGSID, "username": "anna.w", "self_ig_scoped_id": "5"},
        "media": {"id": "4456", "ad_id": "1", "ad_title": "A", "original_media_id": "4455"}}),
    "ig_live_comment": on_instagram("live_comments", id="1793", text="live!", **{
        "from": {"id": IGSID, "username": "anna.w"}, "media": {"id": "4457"}}),
    "ig_comment_flat": {"object": "instagram", "entry": [{
        "id": INSTAGRAM, "time": SENT_S, "field": "comments",
        "value": {"id": "1794", "text": "flach", "from": {"id": IGSID, "username": "anna.w"}}}]},
    "ig_mention": on_instagram("mentions", media_id="88"),
    "ig_mention_comment": on_instagram("mentions", media_id="88", comment_id="99"),
    "ig_story_insights": on_instagram("story_insights", media_id="5", impressions=-1, reach=20),
    "label": feed("inbox_labels", action="add", user={"id": PSID}, label={"page_label_name": "VIP"}),
    "template_status": feed("message_template_status_update", event="APPROVED"),
    "conversations": feed("conversations", thread_id="t_1", page_id=int(PAGE)),
    "leadgen": feed("leadgen", ad_id="1", form_id="2", leadgen_id="3", page_id=PAGE),
    "response_feedback": feed("response_feedback", feedback="Good"),
}  # fmt: skip

ODD: dict[str, Any] = {
    "test_button_message": {"object": "instagram", "entry": [{"id": "0", "time": SENT_S, "changes": [
        {"field": "messages", "value": {
            "sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824",
            "message": {"mid": "random_mid", "text": "random_text"}}}]}]},
    "test_button_page_id": {"object": "page", "entry": [{"id": "0", "time": SENT_S, "changes": [
        {"field": "messages", "value": {"page_id": "123"}}]}]},
    "test_button_feed": {"object": "page", "entry": [{"id": 0, "time": SENT_S, "changes": [
        {"field": "feed", "value": {"item": "comment", "verb": "add", "comment_id": "44_44",
                                    "post_id": "44_44", "message": "Example"}}]}]},
    "only_field_names": {"object": "page", "entry": [
        {"id": PAGE, "time": SENT_S, "changed_fields": ["feed", "ratings"]}]},
    "change_without_value": {"object": "page", "entry": [
        {"id": PAGE, "time": SENT_S, "changes": [{"field": "parking"}]},
        {"id": PAGE, "time": SENT_S, "changes": [{"field": "payment_options", "value": {"visa": 1}}]},
    ]},
    "value_as_text": {"object": "page", "entry": [
        {"id": PAGE, "time": SENT_S, "changes": [{"field": "email", "value": "a@b.example"}]}]},
    "value_as_list": {"object": "page", "entry": [
        {"id": PAGE, "time": SENT_S, "changes": [{"field": "work", "value": [1, 2]}]}]},
    "unknown_object": {"object": "permissions", "entry": [{"id": "5", "time": SENT_S, "changes": [
        {"field": "manage_pages", "value": {"verb": "granted"}}]}]},
    "no_object": {"entry": [{"id": PAGE, "messaging": [message(text="x")]}]},
    "two_of_everything": {"object": "page", "entry": [
        {"id": PAGE, "time": SENT_MS, "messaging": [
            said({"message": {"mid": "m_1", "text": "eins"}}),
            said({"message": {"mid": "m_2", "text": "zwei"}}), "three", None]},
        {"id": PAGE, "time": SENT_S, "changes": [comment()["entry"][0]["changes"][0], 7]},
        "four", None, {}]},
    "wrong_types": {"object": "page", "entry": [{"id": PAGE, "messaging": {"not": "a list"},
                                                 "changes": "neither", "standby": 7}]},
    "unknown_event": page(said({"telepathy": {"thought": "?"}})),
    "empty_entry": {"object": "page", "entry": [{"id": PAGE, "time": SENT_MS}]},
    "no_entries": {"object": "page", "entry": []},
    "entry_no_list": {"object": "page", "entry": {"id": PAGE}},
    "a_list": [1, 2, 3],
    "a_number": 7,
    "nothing": None,
}  # fmt: skip

ALL: dict[str, Any] = {
    **{f"chat_{name}": body for name, body in CHATS.items()},
    **{f"wall_{name}": body for name, body in WALLS.items()},
    **{f"odd_{name}": body for name, body in ODD.items()},
}
