"""Catalogues of translations, read as translators write them, so that nothing has to be compiled."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

FOLDER = Path(__file__).parent.parent / "translations"


class Catalogues(Domain):  # type: ignore[misc]  # flask-babel publishes no types
    """What flask-babel asks for the words of the present language."""

    def get_translations(self) -> NullTranslations:
        return translations(str(get_locale()))


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; an empty one for English, whose words are the ids themselves."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return Translations(compiled)
