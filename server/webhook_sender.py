"""What hospitals may have the platform call, as the settings state it."""

from datasources.hospitals.target import TargetPolicy
from datasources.hospitals.webhook_sender import WebhookSender
from server.settings import Mode, Settings


def webhook_sender(settings: Settings) -> WebhookSender:
    """The sender of this installation."""
    development = settings.mode is Mode.DEVELOPMENT
    private = settings.webhook_private_addresses
    return WebhookSender(
        TargetPolicy(https_only=not development, private_allowed=development if private is None else private)
    )
