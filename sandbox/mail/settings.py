"""Where the mail box listens and how much it keeps."""

from pydantic import BaseModel, ConfigDict


class MailSandboxSettings(BaseModel):
    """Port 0 takes a free one; the mail box knows which (`app[MAIL_BOX].port`). What is sent back
    is handed in at `hook_url`, signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = 0
    kept: int = 500
    largest_bytes: int = 10 * 1024 * 1024
    hook_url: str = ""
    hook_secret: str = ""
