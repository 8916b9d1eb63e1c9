copy seqconsole.arrivals (batch, line, phone, name, device, fields, verdict) from stdin;
