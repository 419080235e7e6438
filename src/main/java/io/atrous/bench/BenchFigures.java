package io.atrous.bench;

import java.util.List;

/** The figures that a bench measured of one subject. */
public interface BenchFigures {

  /** Returns a table for people, of lines that end in line feeds. */
  String table();

  /** Returns rows for machines; each has a name that is unique within the report. */
  List<? extends Record> rows();
}
