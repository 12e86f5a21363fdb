"""One API process under uvicorn."""

import uvicorn

from server.app import create_app
from server.garbage import spare_long_lived_objects
from server.settings import Settings

DRAIN_SECONDS = 10
KEEP_ALIVE_SECONDS = 75


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests that run then get some seconds to finish."""
    app = create_app(settings)
    spare_long_lived_objects()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        lifespan="on",
        # Logging is the application's own: structured, with the request's id.
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
