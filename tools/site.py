"""The reports as a folder for a static host, with absolute addresses where a reader or a network asks for them.

    python tools/site.py https://example.org/trade

Pages stay as they were published but for their head, the address of the page, that of its picture, and that of the page
in the other language, and for the addresses by which charts are cited. `reports/_build/site` is written anew.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "reports" / "_build" / "site"
#: Of ``reports/``, what a host serves.
SERVED = ("*.html", "scenarios.csv", "published", "headlines")
HEAD_END = "</head>"
RELATIVE = re.compile(r'(<meta property="og:image" content="|<link rel="alternate" hreflang="\w+" href=")([^"]+)(")')
CITED = re.compile(r'(<span class="cite">(?:(?!</span>).)* )(\S+\.html#[^<]+)')


def with_addresses(page: str, address: str) -> str:
    """A page that lies at `address`, which says so; what its head links to and its charts are cited by are whole."""
    page = CITED.sub(lambda match: f"{match[1]}{urljoin(address, match[2])}", page)
    page = RELATIVE.sub(lambda match: f"{match[1]}{urljoin(address, match[2])}{match[3]}", page, count=4)
    own = f'<link rel="canonical" href="{address}">\n<meta property="og:url" content="{address}">\n'
    return page.replace(HEAD_END, own + HEAD_END, 1)


def site_map(addresses: list[str]) -> str:
    """All pages, for search engines."""
    listed = "\n".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{listed}\n</urlset>\n"
    )


def lay_out(reports: Path, place: Path, base: str) -> list[str]:
    """Write the site; the addresses of its pages."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for path in sorted(each for pattern in SERVED for each in reports.glob(pattern)):
        if path.is_dir():
            shutil.copytree(path, place / path.name)
        else:
            shutil.copy(path, place)
    addresses = []
    for path in sorted(place.rglob("*.html")):
        name = quote(path.relative_to(place).as_posix())
        address = urljoin(base, "" if name == "index.html" else name)
        path.write_text(with_addresses(path.read_text("utf-8"), address), "utf-8")
        addresses.append(address)
    (place / "sitemap.xml").write_text(site_map(addresses), "utf-8")
    (place / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {urljoin(base, 'sitemap.xml')}\n", "utf-8")
    (place / ".nojekyll").touch()  # a host that would leave out what begins with _
    return addresses


def main(base: str = "") -> int:
    """Lay out the site; 2 where the address is none or nothing is published."""
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        allowed = "where the site will lie, such as https://example.org/trade"
        print(f"error: SITE_URL: found {base or 'nothing'}; allowed: {allowed}", file=sys.stderr)
        return 2
    reports = ROOT / "reports"
    if not (reports / "index.html").is_file():
        print("error: reports: found no index.html; allowed: a published edition; type: make report", file=sys.stderr)
        return 2
    addresses = lay_out(reports, PLACE, base.rstrip("/") + "/")
    print(f"{PLACE.relative_to(ROOT)}: {len(addresses)} pages for {base}; copy the folder there")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
