"""How people and the centre develop over finished reports; the reports themselves are kcc.coaching's."""
