"""The key view: the product with one bare view more, which reads one row by its key behind the same token check."""

from flask import Response, jsonify
from sqlalchemy import bindparam, select

from booking import create_app
from booking.http.actor import current_actor
from booking.http.reading import glance
from booking.models.resources import Resource

BY_KEY = select(Resource.id, Resource.slug, Resource.name).where(Resource.id == bindparam("key"))

app = create_app()


@app.get("/api/v1/key/<int:key>")
def read(key: int) -> Response:
    current_actor()
    with glance() as connection:
        (row,) = connection.execute(BY_KEY, {"key": key}).all()
    return jsonify(row._asdict())
