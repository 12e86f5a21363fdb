"""Exchanging the code that an administrator showed for this telephone's token."""

import json
import ssl
import urllib.request

from mobile_sms.home import Enrolment

TIMEOUT_SECONDS = 30
QR_PREFIX = "htbooking-sms:"

_ENROL = """mutation ($input: EnrolSmsPhoneInput!) { enrolSmsPhone(input: $input) {
  __typename ... on SmsPhoneEnrolled { name token } ... on Problem { message } } }"""


class NotEnrolledError(Exception):
    """The platform did not take the code; the message says why."""


def enrol(server: str, code: str, ca_file: str = "") -> Enrolment:
    """The enrolment that this code is good for. Raises NotEnrolledError, and OSError when nobody answers."""
    server = server.rstrip("/")
    if not server.startswith(("http://", "https://")):
        raise NotEnrolledError("give the platform's address as https://…")
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        f"{server}/graphql",
        data=json.dumps(
            {"query": _ENROL, "variables": {"input": {"code": code.strip().removeprefix(QR_PREFIX)}}}
        ).encode(),
        headers={"content-type": "application/json", "accept": "application/json"},
    )
    with urllib.request.urlopen(  # noqa: S310
        request, timeout=TIMEOUT_SECONDS, context=trust(ca_file) if server.startswith("https") else None
    ) as answer:
        said = json.load(answer)
    if said.get("errors"):
        raise NotEnrolledError(said["errors"][0]["message"])
    result = said["data"]["enrolSmsPhone"]
    if result["__typename"] != "SmsPhoneEnrolled":
        raise NotEnrolledError(result["message"])
    return Enrolment(server, result["token"], result["name"], ca_file)


def trust(ca_file: str) -> ssl.SSLContext:
    """What certificates are checked with: names always, and a private authority where one is given."""
    return ssl.create_default_context(cafile=ca_file or None)
