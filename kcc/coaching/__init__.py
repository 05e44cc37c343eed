"""Draw, listen, report: the monthly sample and the QM form between one employee and one coach."""
