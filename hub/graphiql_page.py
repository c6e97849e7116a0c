"""The page at `/`: GraphiQL, from files built at set-up (`hub/graphiql/`), none from elsewhere."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

DIST = Path(__file__).parent / "graphiql" / "dist"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor places its lines by inline styles
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""A browser refuses whatever this page would load from another host."""

LASTING = "public, max-age=31536000, immutable"


class GraphiQL:
    """Serves the files that a build left in the folder, and no others."""

    def __init__(self, folder: Path = DIST) -> None:
        self._folder = folder
        self._built: float | None = None
        self._files: dict[str, Path] = {}

    def _look(self) -> None:
        """List the files again after a build."""
        index = self._folder / "index.html"
        built = index.stat().st_mtime if index.exists() else None
        if built != self._built:
            found = (path for path in self._folder.rglob("*") if path.is_file())
            self._files = {path.relative_to(self._folder).as_posix(): path for path in found}
            self._built = built

    async def answer(self, request: Request) -> Response:
        """GET / and /graphiql/…"""
        name = request.path_params.get("path", "index.html")
        if name == "index.html":
            self._look()
        path = self._files.get(name)
        if path is None and name == "index.html":
            return PlainTextResponse(
                "The page is not built yet: run bin/setup. The API is at /graphql.\n", 503
            )
        if path is None:
            return PlainTextResponse("no such file\n", 404)
        # File names under assets/ carry a hash of the content.
        caching = LASTING if name.startswith("assets/") else "no-cache"
        return FileResponse(
            path, headers={"Content-Security-Policy": POLICY, "Cache-Control": caching}
        )
