"""compose.yaml and the Dockerfile, read as text: no container engine runs where the platform is developed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings import Settings

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("api", "worker", "migrate")
LONG_RUNNING = sorted(SERVICES.keys() - {"migrate"})
DOCKERFILE = (ROOT / "Dockerfile").read_text()

PINNED = re.compile(r"[a-z0-9/.-]+:v?\d[\w.-]*")
SECRET = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
DEFAULTED = re.compile(r"\$\{(\w+):?-")


def environment(service: str) -> dict[str, str]:
    """The service's environment, written as a mapping."""
    found = SERVICES[service].get("environment", {})
    assert isinstance(found, dict)
    return found


def test_the_whole_platform_is_there() -> None:
    assert SERVICES.keys() == {"proxy", "api", "worker", "migrate", "postgresql", "mongodb", "valkey"}


@pytest.mark.parametrize("service", OURS)
def test_its_environment_holds_real_settings_that_production_accepts(service: str) -> None:
    names = {name.upper() for name in Settings.model_fields}
    assert environment(service).keys() <= names

    written = {name.lower(): re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in environment(service).items()}
    assert Settings.model_validate(written).mode == "production"


def test_no_secret_has_a_default_anywhere() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert not [name for name in DEFAULTED.findall(text) if SECRET.search(name)]

    for service in SERVICES:
        for name, value in environment(service).items():
            if SECRET.search(name):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), f"{service}: {name} must be asked for"
    assert "${DATABASE_PASSWORD:?" in environment("api")["DATABASE_URL"]
    assert not SECRET.search(DOCKERFILE)


@pytest.mark.parametrize("service", LONG_RUNNING)
def test_it_has_a_health_check_and_comes_back(service: str) -> None:
    check = SERVICES[service]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= check.keys()
    assert SERVICES[service]["restart"] == "unless-stopped"


def test_images_are_pinned_by_tag() -> None:
    assert [image for service in SERVICES.values() if not PINNED.fullmatch(image := service["image"])] == []

    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert [base for base in bases if not PINNED.fullmatch(base)] == []


def test_the_api_is_scaled_and_nothing_but_the_proxy_is_published() -> None:
    assert SERVICES["api"]["deploy"]["replicas"] >= 2
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["stores"] == {"internal": True}
    assert SERVICES["proxy"]["networks"] == ["front"]


def test_tables_are_ready_before_anything_uses_them() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"postgresql": {"condition": "service_healthy"}}
    for service in ("api", "worker"):
        assert SERVICES[service]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_stores_are_the_ones_the_settings_name() -> None:
    assert "@postgresql:5432/htbooking" in environment("api")["DATABASE_URL"]
    assert environment("postgresql")["POSTGRES_DB"] == environment("postgresql")["POSTGRES_USER"] == "htbooking"
    assert SERVICES["postgresql"]["image"].startswith("postgres:18")

    replica_set = SERVICES["mongodb"]["command"][SERVICES["mongodb"]["command"].index("--replSet") + 1]
    assert environment("api")["MONGODB_URL"] == f"mongodb://mongodb:27017/htbooking?replicaSet={replica_set}"
    initiation = SERVICES["mongodb"]["healthcheck"]["test"][-1]
    assert f'rs.initiate({{ _id: "{replica_set}"' in initiation
    assert 'host: "mongodb:27017"' in initiation

    for store in ("postgresql", "mongodb", "valkey"):
        assert [volume.partition(":")[0] for volume in SERVICES[store]["volumes"]] == [store]
        assert store in COMPOSE["volumes"]


def test_the_proxy_passes_websockets_and_does_not_believe_its_clients() -> None:
    assert SERVICES["proxy"]["configs"][0]["source"] == "proxy"
    proxy = COMPOSE["configs"]["proxy"]["content"]
    for line in (
        "proxy_http_version 1.1;",
        "proxy_set_header Upgrade $$http_upgrade;",
        "proxy_set_header Connection $$connection_header;",
        "proxy_set_header X-Forwarded-For $$remote_addr;",
    ):
        assert line in proxy
    assert not re.search(r"(?<!\$)\$(?!\$)", proxy), "compose would replace a single dollar sign"


def test_the_image_runs_as_nobody_special_and_takes_in_nothing_private() -> None:
    assert re.search(r"^USER (?!root)\w+", DOCKERFILE, re.MULTILINE)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert not {"!.env", "!.data", "!.git"} & set(ignored)


def test_every_package_that_the_server_imports_is_copied() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert copied == {"datasources", "domain", "jobs", "migrations", "resolvers", "schema", "server"}
