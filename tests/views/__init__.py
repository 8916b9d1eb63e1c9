"""What the screens show, against SQL."""
