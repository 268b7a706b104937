"""The WSGI callable that servers and the flask command load."""

from booking import create_app

app = create_app()
