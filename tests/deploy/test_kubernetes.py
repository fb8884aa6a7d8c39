"""The manifests: held to Kubernetes' own schema, each by itself and as kustomize puts them together."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from pnl.config import Settings

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
BASE, TWO = FOLDER / "base", FOLDER / "two-nodes"
HOW_TO = FOLDER.parents[1] / "docs" / "how-to"
OURS = "registry.example.com/northstar-pnl:0.1.0"
WHOLE = [*(path for path in BASE.glob("*.yaml") if path.stem != "kustomization"), TWO / "disruption.yaml"]
VERSION = "1.31"


def documents(text: str) -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(text) if found]


def put_together(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what kustomize makes of a folder, by kind."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here to put the manifests together; each was held to the schema by itself")
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {found["kind"]: found for found in documents(done.stdout)}


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_a_manifest_is_what_the_schema_says(path: Path) -> None:
    for found in documents(path.read_text(encoding="utf-8")):
        kubernetes_validate.validate(found, VERSION, strict=True)


def test_a_misspelt_field_is_found() -> None:
    found = documents((BASE / "deployment.yaml").read_text(encoding="utf-8"))[0]
    found["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found, VERSION, strict=True)


@pytest.mark.parametrize("folder", [BASE, TWO], ids=lambda folder: folder.name)
def test_what_kustomize_puts_together_is_what_the_schema_says(folder: Path) -> None:
    for found in put_together(folder).values():
        kubernetes_validate.validate(found, VERSION, strict=True)


def test_with_a_file_on_a_volume_there_is_one_pod_and_the_old_one_ends_first() -> None:
    made = put_together(BASE)

    assert made["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert made["Deployment"]["spec"]["replicas"] == 1
    assert made["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}


def test_with_a_database_between_them_there_are_two_and_one_stays_up() -> None:
    made = put_together(TWO)
    spec = made["Deployment"]["spec"]

    assert "PersistentVolumeClaim" not in made
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert made["PodDisruptionBudget"]["spec"]["minAvailable"] == 1


def test_two_nodes_have_room_to_make_a_whole_copy() -> None:
    pods = [put_together(folder)["Deployment"]["spec"]["template"]["spec"] for folder in (BASE, TWO)]
    app = pods[1]["containers"][0]
    (data,) = (volume for volume in pods[1]["volumes"] if volume["name"] == "data")
    claim = data["ephemeral"]["volumeClaimTemplate"]["spec"]

    assert {"name": "data", "mountPath": "/data"} in app["volumeMounts"]
    assert claim["accessModes"] == ["ReadWriteOnce"]
    assert claim["resources"] == put_together(BASE)["PersistentVolumeClaim"]["spec"]["resources"]
    assert [volume for volume in pods[0]["volumes"] if volume["name"] != "data"] == [
        volume for volume in pods[1]["volumes"] if volume["name"] != "data"
    ]


def block(page: str, begin: str) -> str:
    """Return the block of a how-to page that has a line."""
    found = re.findall(r"```\w+\n(.*?)```", (HOW_TO / page).read_text(encoding="utf-8"), re.DOTALL)
    (one,) = (text for text in found if begin in text)
    return str(one)


def paused(folder: Path, overlay: str) -> Path:
    """Return the folder that the night's guide makes of an overlay, in a copy of ours."""
    lines, end, _ = block("restore-at-night.md", "overlay=").partition("kubectl apply")
    assert end
    (folder / "deploy").mkdir()
    shutil.copytree(FOLDER, folder / "deploy" / "kubernetes")
    ours = folder / "deploy" / "kubernetes" / "ours"
    ours.mkdir()
    (ours / "kustomization.yaml").write_text(block("run-in-containers.md", "newName"), encoding="utf-8")
    script = lines.replace("deploy/kubernetes/base", f"deploy/kubernetes/{overlay}")
    subprocess.run(["sh", "-euc", script], cwd=folder, check=True, timeout=20)
    return folder / "deploy" / "kubernetes" / f"{overlay}-paused"


@pytest.mark.parametrize(("overlay", "image"), [("base", "northstar-pnl:0.1.0"), ("ours", OURS)])
def test_for_maintenance_the_pod_is_the_same_without_the_product(overlay: str, image: str, tmp_path: Path) -> None:
    without = paused(tmp_path, overlay)
    made = put_together(without)
    for found in made.values():
        kubernetes_validate.validate(found, VERSION, strict=True)
    whole, ended = put_together(without.with_name(overlay))["Deployment"]["spec"], made["Deployment"]["spec"]
    (app,) = ended["template"]["spec"]["containers"]
    (product,) = whole["template"]["spec"]["containers"]

    assert app["image"] == image
    assert app["command"] == ["sleep", "infinity"]
    assert "initContainers" not in ended["template"]["spec"]
    assert not [name for name in app if name.endswith("Probe")]
    for same in ("image", "envFrom", "volumeMounts", "securityContext", "resources"):
        assert app[same] == product[same]
    assert ended["template"]["spec"]["volumes"] == whole["template"]["spec"]["volumes"]
    assert ended["strategy"] == {"type": "Recreate"}  # the product ends before the pod without it begins
    assert {name: found for name, found in made.items() if name != "Deployment"} == {
        name: found for name, found in put_together(without.with_name(overlay)).items() if name != "Deployment"
    }


@pytest.mark.parametrize("folder", [BASE, TWO], ids=lambda folder: folder.name)
def test_no_container_may_do_more_than_it_must(folder: Path) -> None:
    pod = put_together(folder)["Deployment"]["spec"]["template"]["spec"]

    assert pod["automountServiceAccountToken"] is False
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"] == {"memory": "512Mi"}


def test_the_settings_are_taken_and_ask_for_a_sign_in() -> None:
    lines = (BASE / "settings.env").read_text(encoding="utf-8").split()

    settings = Settings.load(dict(line.split("=", 1) for line in lines), None)

    assert settings.auth == "password"


def test_a_pod_that_lost_its_database_is_neither_started_anew_nor_left_alone() -> None:
    """Without it `/readyz` is 503, and `/healthz` 200: see tests/product/test_nodes_without_database.py."""
    app = documents((BASE / "deployment.yaml").read_text(encoding="utf-8"))[0]["spec"]["template"]["spec"][
        "containers"
    ][0]

    assert app["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert app["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert app["startupProbe"]["httpGet"]["path"] == "/readyz"  # nobody is sent to one that has no figures yet


def test_a_start_has_the_time_to_restore_a_damaged_database() -> None:
    (app,) = put_together(BASE)["Deployment"]["spec"]["template"]["spec"]["containers"]
    probe = app["startupProbe"]

    assert probe["periodSeconds"] * probe["failureThreshold"] >= 1800


def first_user(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run what is run before the product, in a folder of a test."""
    deployment = documents((BASE / "deployment.yaml").read_text(encoding="utf-8"))[0]
    shell, option, script = deployment["spec"]["template"]["spec"]["initContainers"][0]["command"]
    secret = folder / "first-user"
    secret.mkdir(exist_ok=True)
    (secret / "username").write_text("ann", encoding="utf-8")
    (secret / "password").write_text("a stranger's umbrella\n", encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PNL_")},
        "PYTHONPATH": str(FOLDER.parents[1]),
        "PNL_AUTH": "password",
        "PNL_DATA_DIR": str(folder / "data"),
        **settings,
    }
    script = script.replace("/run/first-user", str(secret)).replace("python -m", f"{sys.executable} -m")

    return subprocess.run(
        [shell, option, script],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


def test_the_first_user_is_made_once_and_never_again(tmp_path: Path) -> None:
    said = [first_user(tmp_path) for _ in range(2)]

    assert [(done.returncode, done.stderr) for done in said] == [(0, ""), (0, "")]
    assert [done.stdout for done in said] == ["ann may sign in, as an editor\n", ""]


@pytest.mark.parametrize("torn", [slice(0, 100), slice(0, None), slice(4096, None)], ids=["header", "all", "tables"])
def test_a_damaged_database_is_left_to_the_start_which_restores_it(torn: slice, tmp_path: Path) -> None:
    assert first_user(tmp_path).returncode == 0
    (file,) = (tmp_path / "data").glob("*.db")
    content = bytearray(file.read_bytes())
    content[torn] = b"\xa5" * len(content[torn])
    file.write_bytes(content)

    done = first_user(tmp_path)

    assert done.returncode == 0
    assert "damaged" in done.stderr


def test_a_database_that_is_away_is_waited_for(tmp_path: Path) -> None:
    done = first_user(tmp_path, PNL_DATABASE_URL="postgresql://northstar@127.0.0.1:9/northstar")

    assert done.returncode == 1
    assert "cannot" in done.stderr
