"""One file a finding; each is entered in `engine.doctor.registry`."""
