"""A bare Flask page with the table of the catalogue: what Flask and Jinja alone need for fifty such rows.

It is its server's configuration too: the same kind of worker as the product's, and nothing beside it.
"""

from flask import Flask, render_template_string, url_for

worker_class = "gthread"
threads = 16

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Catalogue</title></head><body><main>
{% for row in rows %}
<section class="card"><h2><a href="{{ url_for("facility", slug=row.facility) }}">{{ row.facility_name }}</a>
<small>{{ row.region }}</small></h2>
<article><h3><a href="{{ url_for("pool", slug=row.slug) }}">{{ row.name }}</a></h3>
<p>{{ row.gpu_model }} · {{ row.memory }} GiB</p><p>{{ row.free }} of {{ row.units }} GPUs free now</p>
<svg viewBox="0 0 140 32" role="img" aria-label="Free all day: {{ row.days | join(", ") }}"><path d="
{%- for day in row.days %}M{{ loop.index0 * 10 }} 32v-{{ (32 * day / row.units) | round(1) }}h9v32z{% endfor %}"/></svg>
<p>{{ row.soonest }} <a class="btn" href="{{ url_for("book", resource=row.slug) }}">Book</a></p></article></section>
{% endfor %}
</main></body></html>"""
ROWS = [
    {
        "facility": f"centre-{number}", "facility_name": f"A centre {number:04}", "region": "Beijing",
        "slug": f"pool-{number}", "name": f"Pool {number}", "gpu_model": "A100", "memory": 80, "free": 64, "units": 64,
        "days": [64] * 14, "soonest": "8 GPUs for 3 days: at once",
    }
    for number in range(50)
]  # fmt: skip

app = Flask(__name__)


@app.get("/catalogue")
def catalogue() -> str:
    return render_template_string(PAGE, rows=ROWS)


@app.get("/healthz")
@app.get("/book", endpoint="book")
@app.get("/facilities/<slug>", endpoint="facility")
@app.get("/pools/<slug>", endpoint="pool")
def nothing(slug: str = "") -> str:
    return url_for("catalogue", slug=slug)
