"""Kills and load for as long as asked, judged by the database and by the gateway's own log."""
