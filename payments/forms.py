"""What may be sent to the payment settings."""

from pydantic import SecretStr

from staff.forms import Form


class KeyForm(Form):
    key: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")


class WebhookForm(Form):
    webhook_secret: SecretStr = SecretStr("")
