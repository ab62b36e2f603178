"""Settings with which these dashboards are tested; put them into the configuration of your own Superset."""

import os

import pymysql

pymysql.install_as_MySQLdb()  # Superset asks MySQLdb for the types of columns, whatever driver the URI names

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URI"]
BABEL_DEFAULT_LOCALE = "zh"
LANGUAGES = {"zh": {"flag": "cn", "name": "简体中文"}, "en": {"flag": "us", "name": "English"}}
