"""Forms of accounts."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired

from booking.domain.accounts import clean_email, clean_name, clean_password
from booking.forms.base import BaseForm, Rule

EMAIL = {"autocomplete": "username"}
PRESENT = {"autocomplete": "current-password"}
NEW = {"autocomplete": "new-password"}


class RegisterForm(BaseForm):
    """Who wants an account."""

    email = EmailField(_("E-mail address"), [InputRequired(), Rule(clean_email)], render_kw=EMAIL)
    name = StringField(_("Full name"), [InputRequired(), Rule(clean_name)], render_kw={"autocomplete": "name"})
    password = PasswordField(_("Password"), [InputRequired(), Rule(clean_password)], render_kw=NEW)


class SignInForm(BaseForm):
    """Who one is."""

    email = EmailField(_("E-mail address"), [InputRequired()], render_kw=EMAIL)
    password = PasswordField(_("Password"), [InputRequired()], render_kw=PRESENT)


class ConfirmForm(BaseForm):
    """That who reads the mail also chose the password."""

    password = PasswordField(_("Password"), [InputRequired()], render_kw=PRESENT)


class RequestResetForm(BaseForm):
    """Where to mail a link to."""

    email = EmailField(_("E-mail address"), [InputRequired(), Rule(clean_email)], render_kw=EMAIL)


class ResetForm(BaseForm):
    """A new password by a mailed link."""

    password = PasswordField(_("New password"), [InputRequired(), Rule(clean_password)], render_kw=NEW)


class ChangePasswordForm(BaseForm):
    """A new password by the present one."""

    current = PasswordField(_("Present password"), [InputRequired()], render_kw=PRESENT)
    password = PasswordField(_("New password"), [InputRequired(), Rule(clean_password)], render_kw=NEW)
