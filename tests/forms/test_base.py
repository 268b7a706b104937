"""The form that all forms are made of."""

from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, IntegerField, StringField

from booking.domain.errors import Conflict, Invalid
from booking.domain.refusals import Code, Refusal, Refused
from booking.forms.base import BaseForm, Rule, stripped
from booking.http.words import say


class LineForm(Form):
    units = IntegerField("Units")


def check_even(text: str) -> str:
    if len(text) % 2:
        raise Invalid("anything", "%(count)s characters are not an even number of them.", {"count": len(text)})
    return text


class OrderForm(BaseForm):
    purpose = StringField("Purpose", [Rule(check_even)], filters=[stripped])
    claims = FieldList(FormField(LineForm), min_entries=1)


def filled(**values: str) -> OrderForm:
    return OrderForm(MultiDict({"purpose": "even", "claims-0-units": "8", **values}), meta={"csrf": False})


def test_each_reason_stands_beside_its_field_and_the_others_above_the_form(app: Flask):
    few = Refusal(Code.CAPACITY_EXCEEDED, "Only %(free)s are free.", "claims.0.units", {"free": 3})
    nowhere = Refusal(Code.QUOTA_EXCEEDED, "The quota is used up.", "grant")
    beyond = Refusal(Code.TOO_MANY_UNITS, "Too many.", "claims.7.units")
    with app.test_request_context("/", method="POST"):
        form = filled()
        assert form.validate()
        form.refuse(Refused([few, nowhere, beyond]))
        assert [say(error) for error in form.claims[0].form.units.errors] == ["Only 3 are free."]
        assert form.reasons == [nowhere, beyond]


def test_a_problem_is_refused_in_the_same_way(app: Flask):
    with app.test_request_context("/", method="POST"):
        form = filled()
        form.validate()
        form.refuse(Conflict("It is taken.", field="purpose"))
        assert [say(error) for error in form.purpose.errors] == ["It is taken."]


def test_a_rule_of_the_domain_speaks_in_the_readers_language(app: Flask):
    with app.test_request_context("/", method="POST"):
        form = filled(purpose=" odd ")
        assert not form.validate()
        assert form.purpose.data == "odd"
        assert [say(error) for error in form.purpose.errors] == ["3 characters are not an even number of them."]
