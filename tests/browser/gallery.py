"""A small Flask app that shows every component and the player with sample data, under the strict CSP."""

import json
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template, request, send_from_directory
from flask_babel import Babel
from flask_wtf import CSRFProtect

from . import gallery_data
from .gallery_sound import sound

WEB = gallery_data.ROOT / "kcc/web"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_gallery() -> Flask:
    """The app; `?lang=`, `?theme=`, `?rows=` and `?errors=1` choose what the page shows."""
    app = Flask(__name__, template_folder=WEB / "templates", static_folder=None)
    app.config.update(
        SECRET_KEY="gallery",
        TESTING=True,
        BABEL_TRANSLATION_DIRECTORIES=str(WEB / "translations"),
    )
    app.jinja_loader.searchpath.append(str(gallery_data.ROOT / "tests/browser"))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=lambda: request.args.get("lang", "nl"))
    CSRFProtect(app)
    manifest = json.loads((WEB / "assets/dist/manifest.json").read_text())
    app.jinja_env.globals["asset"] = lambda name: "/assets/" + manifest[name]
    app.context_processor(shell_variables)
    app.after_request(strict)
    app.add_url_rule("/assets/<path:name>", view_func=asset)
    app.add_url_rule("/", view_func=gallery, methods=["GET", "POST"])
    app.register_blueprint(sound)
    return app


def shell_variables() -> dict[str, Any]:
    """What kcc.web gives each template; the names are the contract of base.html."""
    tasks = [
        SimpleNamespace(url=f"/?task={i}", label=label, current=i == 0)
        for i, label in enumerate(gallery_data.TASKS)
    ]
    return {
        "current_locale": request.args.get("lang", "nl"),
        "theme": request.args.get("theme", ""),
        "actor": SimpleNamespace(name=gallery_data.LONG_NAME, functions=["coach"]),
        "tasks": tasks,
        "why": "Je ziet dit omdat dit gesprek in de steekproef staat en jij deze medewerker coacht.",
        "errors": gallery_data.ERRORS if request.args.get("errors") else None,
        "preferences_url": "/preferences",
        "sign_out_url": "/sign-out",
        "protocol_url": "/protocol",
        "version": "0.1.0",
    }


def gallery() -> str:
    """The page itself."""
    return render_template(
        "gallery_player.html" if request.args.get("player", "1") == "1" else "gallery.html",
        rows_wanted=request.args.get("rows", 6, type=int),
        **gallery_data.EVERYTHING,
    )


def asset(name: str) -> Response:
    """Built files, as kcc serves them."""
    return send_from_directory(WEB / "assets/dist", name, max_age=31536000)


def strict(response: Response) -> Response:
    """The product's policy: nothing inline, nothing from elsewhere."""
    response.headers["Content-Security-Policy"] = CSP
    return response


if __name__ == "__main__":
    create_gallery().run(port=8099, threaded=True)
