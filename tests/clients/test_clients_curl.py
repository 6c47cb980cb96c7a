"""What curl's options do to HTTP/1.1, with every upstream."""

import gzip
import subprocess
from pathlib import Path

import pytest

from tests.clients import offer
from tests.clients.conftest import must_be_there
from tests.clients.running import UPSTREAMS

pytestmark = pytest.mark.system
every_upstream = pytest.mark.parametrize("upstream", UPSTREAMS)
RANGED = [name for name in UPSTREAMS if name not in {"uvicorn", "node"}]
"""Those whose way of sending a file knows parts of it."""
ranged = pytest.mark.parametrize("upstream", RANGED)


def curl(*options: str, given: bytes = b"") -> tuple[str, bytes]:
    """All heads and the body that curl got."""
    must_be_there("curl")
    command = ["curl", "-sS", "--noproxy", "*", "--max-time", "15", "-D", "/dev/stderr", *options]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.decode("latin-1"), done.stdout


@every_upstream
def test_an_upload_that_asks_first(url: str) -> None:
    """Expect: 100-continue (RFC 9110 10.1.1): the upstream's 100 arrives before its answer."""
    heads, body = curl(
        *("-H", "Expect: 100-continue", "--expect100-timeout", "15"),
        *("--data-binary", "@-", f"{url}/echo"),
        given=offer.PLAIN,
    )
    assert [line for line in heads.splitlines() if line.startswith("HTTP/")] == [
        "HTTP/1.1 100 Continue",
        "HTTP/1.1 200 OK",
    ]
    assert body == offer.PLAIN


@every_upstream
def test_an_upload_of_unknown_length(url: str) -> None:
    """From a pipe, in chunks."""
    _, body = curl("-X", "POST", "-T", "-", f"{url}/echo", given=offer.PLAIN)
    assert body == offer.PLAIN


@every_upstream
def test_a_wish_for_http_2(url: str) -> None:
    """h2c by Upgrade is left out, and HTTP/1.1 goes on."""
    heads, body = curl("--http2", f"{url}/tagged", f"{url}/tagged")
    assert heads.count("HTTP/1.1 200") == heads.count("HTTP/") == 2
    assert body == offer.PLAIN * 2


@every_upstream
def test_http_1_0(url: str) -> None:
    """No chunks for who cannot read them."""
    heads, body = curl("--http1.0", f"{url}/tagged")
    assert "chunked" not in heads.lower()
    assert body == offer.PLAIN


@every_upstream
def test_compressed(url: str) -> None:
    """curl undoes what the upstream did."""
    _, body = curl("--compressed", f"{url}/gzipped")
    assert body == gzip.decompress(offer.GZIPPED)


@ranged
def test_a_part(url: str) -> None:
    """206, with the bytes that were asked for."""
    heads, body = curl("-r", "1000-1999", f"{url}/tagged")
    assert heads.startswith("HTTP/1.1 206")
    assert body == offer.PLAIN[1000:2000]


@ranged
def test_a_download_goes_on(url: str, tmp_path: Path) -> None:
    """The rest of a file of which a part is there (-C)."""
    file = tmp_path / "file"
    file.write_bytes(offer.LARGE[:1_000_000])
    curl("-C", "-", "-o", str(file), f"{url}/large")
    assert file.read_bytes() == offer.LARGE


@every_upstream
def test_many_at_once(url: str, tmp_path: Path) -> None:
    """Twenty downloads side by side (-Z), all whole."""
    curl("-Z", "-o", f"{tmp_path}/#1", f"{url}/large?n=[1-20]")
    files = sorted(tmp_path.iterdir())
    assert len(files) == 20
    assert all(file.read_bytes() == offer.LARGE for file in files)
