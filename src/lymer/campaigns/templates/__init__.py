"""The template behind a campaign: fixed text and typed slots, as a reading and as a pattern.

Takes   campaigns with their messages, as tables of one snapshot.
Gives   a row for each version of a campaign's template, tested on messages that it was not
        learned from, on other campaigns and on lawful mail.
Never   invents a template where too little is fixed; publishes one that matches lawful mail;
        or writes a pattern whose time is not straight-line.
"""

from lymer.campaigns.templates.infer import TemplateRule, infer_templates
from lymer.campaigns.templates.words import normalize

__all__ = ["TemplateRule", "infer_templates", "normalize"]
