package dev.balsa.sqlite.crash;

import java.util.random.RandomGenerator;

/** What becomes of new names, renames and deletions whose folder was not synced. */
enum NameLoss {
  NONE,
  ALL,
  SOME;

  boolean keeps(RandomGenerator random) {
    return switch (this) {
      case NONE -> true;
      case ALL -> false;
      case SOME -> random.nextBoolean();
    };
  }
}
