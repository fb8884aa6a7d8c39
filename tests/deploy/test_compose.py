"""compose.yaml: that it is one, that every container is locked up, and that nothing is published to others."""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from pnl.config import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "compose.yaml"
FOUND: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = FOUND["services"]
OTHERS_FILES = "./deploy/monitoring/"


def plain(text: str, given: dict[str, str] | None = None) -> str:
    """Return a text as compose fills it in, from an environment."""
    environment = given or {}

    def value(found: re.Match[str]) -> str:
        name, sign, default = found.groups()
        set_ = environment.get(name)
        return set_ if set_ is not None and (set_ or sign == "-") else default

    while "${" in text:
        text = re.sub(r"\$\{(\w+)(:?-)([^${}]*)\}", value, text)
    return text


def test_it_is_what_compose_reads() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")

    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_profiles_are_those_that_are_told() -> None:
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}

    assert profiles.pop("app") == []
    assert profiles == {
        "redis": ["redis"],
        "postgres": ["pg"],
        "prometheus": ["monitoring"],
        "alertmanager": ["monitoring"],
        "grafana": ["monitoring"],
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_a_root_that_is_read_only_no_capability_and_limits(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert "healthcheck" in service or "build" in service  # the image that we build has its own
    assert "privileged" not in service
    assert "network_mode" not in service or service["profiles"] == ["monitoring"]


def test_what_stands_on_the_network_of_the_host_listens_on_its_loopback_alone() -> None:
    beside = {name: service for name, service in SERVICES.items() if "network_mode" in service}

    assert beside.keys() == {"prometheus", "alertmanager", "grafana"}
    assert "--web.listen-address=127.0.0.1:9090" in beside["prometheus"]["command"]
    assert {"--web.listen-address=127.0.0.1:9093", "--cluster.listen-address="} <= set(
        beside["alertmanager"]["command"]
    )
    assert beside["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"


def test_backups_go_to_a_mount_that_may_be_of_another_disk() -> None:
    (mount,) = (text for text in SERVICES["app"]["volumes"] if text.endswith(":/backups"))

    assert plain(mount) == "backups:/backups"
    assert "backups" in FOUND["volumes"]
    assert plain(mount, {"NORTHSTAR_BACKUPS": "/mnt/other-disk/northstar"}) == "/mnt/other-disk/northstar:/backups"
    assert " /data /backups\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SERVICES)
def test_a_port_is_published_to_the_host_alone(name: str) -> None:
    assert all(plain(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_the_app_is_opened_to_the_gateway_and_takes_its_settings() -> None:
    network = FOUND["networks"]["northstar"]["ipam"]["config"][0]
    given = {name: plain(value) for name, value in SERVICES["app"]["environment"].items() if name.startswith("PNL_")}

    settings = Settings.load(given, None)

    assert settings.open_to == (plain(network["gateway"]),)
    assert ip_address(plain(network["gateway"])) in ip_network(plain(network["subnet"]))
    assert (settings.host, settings.port, settings.hosts) == ("0.0.0.0", 8050, ("app",))


def test_a_sign_in_takes_the_place_of_the_gateway() -> None:
    mine = {"PNL_OPEN_TO": "", "PNL_AUTH": "password", "PNL_HOSTS": "pnl.example.com,app"}
    environment = SERVICES["app"]["environment"]
    given = mine | {name: plain(value, mine) for name, value in environment.items() if name.startswith("PNL_")}

    settings = Settings.load(given, None)

    assert (settings.auth, settings.open_to) == ("password", ())
    assert settings.hosts == ("pnl.example.com", "app")


def test_another_subnet_moves_the_gateway_that_is_let_in_with_it() -> None:
    given = {"NORTHSTAR_SUBNET": "10.9.9.0/28", "NORTHSTAR_GATEWAY": "10.9.9.1"}

    assert plain(SERVICES["app"]["environment"]["PNL_OPEN_TO"], given) == "10.9.9.1"


def test_monitoring_reads_files_of_one_folder_and_none_is_made_by_compose() -> None:
    sources = {
        volume.partition(":")[0]
        for name, service in SERVICES.items()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    }

    assert all(source.startswith(OTHERS_FILES) for source in sources)
    assert all((ROOT / source).exists() for source in sources)
