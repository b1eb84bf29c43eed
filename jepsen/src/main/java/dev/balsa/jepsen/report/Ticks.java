package dev.balsa.jepsen.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Round numbers for axes. */
final class Ticks {
  private Ticks() {}

  /** The least of 1, 2, 5, 10, ... (also 0.5, 0.2, ...) that divides a range into so few parts. */
  static double step(double range, int partsMax) {
    double rough = range / Math.max(1, partsMax);
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double factor : new double[] {1, 2, 5}) {
      if (power * factor >= rough) {
        return power * factor;
      }
    }
    return power * 10;
  }

  /** The multiples of a step within a range, the ends included. */
  static List<Double> between(double from, double to, double step) {
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A multiple of a step, with no more digits than tell it from the next. */
  static String label(double tick, double step) {
    int digits = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", tick);
  }
}
