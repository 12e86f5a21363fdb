"""What `make up` prints once everything runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.demo_sign_in import DemoSignIn
from server.demo_staff import DemoStaff
from server.sdk_routes import BUILT
from server.settings import Mode, Settings
from server.simulated_hospital import SimulatedHospital


@dataclass(frozen=True, slots=True)
class Demo:
    """What a stranger can sign in with."""

    sign_in: DemoSignIn | None = None
    staff: Sequence[DemoStaff] = ()
    phone: str | None = None
    simulated: SimulatedHospital | None = None


def welcome(url: str, settings: Settings, demo: Demo) -> str:
    """What is where, and how to sign in."""
    lines = [
        f"portal     {url}/",
        f"GraphQL    {url}/graphql",
        *([f"GraphiQL   {url}/graphiql"] if settings.graphiql else []),
        f"health     {url}/healthz  {url}/readyz",
        f"metrics    {url}/metrics",
        *([f"SDK        {url}/sdk"] if any(BUILT.glob("*.whl")) else []),
        *([f"SMS        {url}/sandbox/sms"] if settings.mode is Mode.DEVELOPMENT else []),
        *([f"payments   {url}/sandbox/pay/"] if settings.simulates_payments else []),
        f"logs       {settings.data_directory / 'log'}/",
    ]
    if demo.sign_in is not None:
        lines += [
            "",
            f"Demo sign-in of {demo.sign_in.hospital_code} (docs/integration-signature.md says how to push):",
            f"  key id   {demo.sign_in.key_id}",
            f"  secret   {demo.sign_in.secret}",
        ]
    if demo.staff:
        lines += ["", "Demo staff (signInAsStaff):"]
        lines += [f"  {each.sign_in_name}  {each.password}  {each.part}" for each in demo.staff]
    if demo.phone is not None:
        lines += ["", f"Demo patient, known by real name (signInWithPhone; the code is at {url}/sandbox/sms):"]
        lines += [f"  {demo.phone}"]
    if demo.simulated is not None:
        sign_in = demo.simulated.sign_in
        lines += [
            "",
            f"Simulated hospital {sign_in.hospital_code}, which confirms each order by itself:",
            f"  status   {demo.simulated.page_url}",
            f"  key id   {sign_in.key_id}",
        ]
    lines += ["", "Ctrl-C stops everything; the data stays."]
    return "".join(f"  {line}".rstrip() + "\n" for line in ("", *lines, ""))
